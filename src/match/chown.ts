// --chown PATH: PATH and everything under it is given to the user, unless PATH already belongs to the user.

import type { Identity } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { VolumeOptions } from "./options.ts";
import { describeOwner, ownerOf, refuseUnmapped } from "./owner.ts";
import { findOrFail, refuseChosen } from "./path.ts";
import { holdSignalsForWork, releaseSignalsAfterWork } from "./progress.ts";
import { reown } from "./reown.ts";

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
  // Users may change the group of their own directories, so the group does not show whether work is left.
  if (top.stat.uid === identity.uid) {
    kernel.close(top.fd);
    return;
  }
  const owner = ownerOf(top.stat);
  const what = `${CHOWN} ${path}`;
  refuseChosen(kernel, what, top);
  if (currentUid !== 0)
    throw new Failure(
      `${what}: it belongs to ${describeOwner(owner)}, and only root may give it to ${describeOwner(identity)}`,
      "start the container as root (no --user, no runAsUser), or let the platform do it (fsGroup in Kubernetes)",
    );
  refuseUnmapped(kernel, what, owner);

  holdSignalsForWork(kernel, options.holdsSignals);
  const to = { uid: identity.uid, gid: identity.gid };
  reown(kernel, top, { option: CHOWN, path, from: undefined, to, verbose: options.verbose });
  kernel.close(top.fd);
  releaseSignalsAfterWork(kernel, options.holdsSignals);
}
