// Containers on this machine, ready to start: an engine and a base image.

import { type Engine, engineWords, ensureEngine, ensurePodman } from "./engine.ts";
import { hasProgram, installPackages, must } from "./host.ts";
import { ensureBaseImage } from "./images.ts";

export interface Containers {
  readonly engine: Engine;
  /** The tag of Debian bookworm with tsgosu's libraries and ps(1). */
  readonly baseImage: string;
}

/**
 * Makes sure that containers can be started here, installing an engine and making a base image where needed; quick where
 * that is done already. Throws a SetupError that says what to install.
 */
export function ensureContainers(): Containers {
  return containersOf(ensureEngine());
}

/** The same, with an engine that plays Kubernetes' manifests: that is podman alone, whichever engine runs the others. */
export function ensureKubeContainers(): Containers {
  // podman pauses its pods with it, and its package only recommends it.
  if (!hasProgram("catatonit")) installPackages(["catatonit"], "podman's pods need catatonit, which is missing");
  return containersOf(ensurePodman("Kubernetes' manifests are played by podman, and podman is missing"));
}

function containersOf(engine: Engine): Containers {
  return { engine, baseImage: ensureBaseImage(engine) };
}

/** Starts one container, so that a machine on which none starts says so now and in the engine's own words. */
export function proveContainers(containers: Containers): void {
  const { engine, baseImage } = containers;
  must(engineWords(engine, ["run", "--rm", "--pull", "never", "--network", "none", baseImage, "true"]), engine);
}
