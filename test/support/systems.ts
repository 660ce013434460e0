// The systems in docker/, built and run as their READMEs say.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { PROJECT } from "../../scripts/host.ts";
import {
  containersFor,
  type ExecutableName,
  type Followed,
  follow,
  instructionsIn,
  openWorkplace,
  systemNamed,
  type Workplace,
} from "../../scripts/systems.ts";
import type { Executable } from "./executables.ts";

/** The same, as the release image names it. */
function executableName(executable: Executable): ExecutableName {
  return executable.name === "sea" ? "tsgosu" : "tsgosu-static";
}

/** A folder with only the system's files; it is removed when the test ends. */
export function workplace(t: Test, name: string, executable: Executable): Workplace {
  const system = systemNamed(name);
  const place = openWorkplace(containersFor(system), system, executableName(executable));
  t.teardown(() => place.remove());
  return place;
}

/** Follows a system's README from a folder with only its files: each command succeeds, and prints what is said. */
export function followReadme(t: Test, name: string, place: Workplace): Followed[] {
  const readme = readFileSync(join(PROJECT, "docker", name, "README.md"), "utf8");
  const followed = follow(place, instructionsIn(readme));
  t.ok(followed.length > 1, "the README has commands");
  for (const { command, code, output, missing } of followed) {
    const works = code === 0 && missing.length === 0;
    t.same({ code, missing }, { code: 0, missing: [] }, works ? command : `${command}\n${output}`);
  }
  return followed;
}
