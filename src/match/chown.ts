// --chown PATH: PATH and everything under it is given to the user, unless PATH already belongs to the user.

import type { Identity } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { VolumeOptions } from "./options.ts";
import { describeOwner, isSameOwner, ownerOf, refuseUnmapped } from "./owner.ts";
import { findOrFail, isSystems } from "./path.ts";
import { holdSignalsForWork, releaseSignalsAfterWork } from "./progress.ts";
import { reown } from "./reown.ts";
import { describeStop, sayOutcome } from "./say.ts";

const CHOWN = "--chown";

/** Gives each PATH of --chown to the user. Throws a Failure at the first that cannot be given; later ones are not touched. */
export function chownVolumes(kernel: Kernel, options: VolumeOptions, identity: Identity, currentUid: number): void {
  if (!options.changesFiles) return;
  for (const path of options.chown) chownVolume(kernel, options, path, identity, currentUid);
}

function chownVolume(
  kernel: Kernel,
  options: VolumeOptions,
  path: string,
  identity: Identity,
  currentUid: number,
): void {
  const top = findOrFail(kernel, CHOWN, path);
  const owner = ownerOf(top.stat);
  if (isSameOwner(owner, identity)) {
    kernel.close(top.fd);
    return;
  }
  if (isSystems(kernel, top))
    throw new Failure(`${CHOWN} ${path}: is a system directory`, "name the volume's directory");
  if (currentUid !== 0)
    throw new Failure(
      `${CHOWN} ${path}: it belongs to ${describeOwner(owner)}, and only root may give it to ${describeOwner(identity)}`,
      "start the container as root (no --user, no runAsUser), or let the platform do it (fsGroup in Kubernetes)",
    );
  refuseUnmapped(kernel, CHOWN, path, owner);

  holdSignalsForWork(kernel, options.holdsSignals);
  const to = { uid: identity.uid, gid: identity.gid };
  const outcome = reown(kernel, top, path, { from: undefined, to });
  releaseSignalsAfterWork(kernel, options.holdsSignals);
  sayOutcome(kernel, options.verbose, path, outcome);
  if (outcome.stop !== undefined) throw describeStop(CHOWN, outcome.stop);
}
