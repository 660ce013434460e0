// --chown PATH: PATH and everything under it is given to the user, unless PATH already belongs to the user.

import type { Identity } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import { EAGAIN, EINTR, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { S_IFDIR, S_IFMT } from "../kernel/linux.ts";
import { notice } from "../report.ts";
import type { VolumeOptions } from "./options.ts";
import { describeOwner, ownerOf, refuseUnmapped } from "./owner.ts";
import { type Found, findOrFail, refuseChosen } from "./path.ts";
import { endIfTold, holdSignalsForWork, releaseSignalsAfterWork } from "./progress.ts";
import { reown } from "./reown.ts";

const CHOWN = "--chown";
/** How often it is looked whether another start is done. */
const LOOK_AGAIN_MS = 50;
const NO_LOCK = -1;

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
  const lock = lockTree(kernel, top, path);
  // Another start may have given it to somebody meanwhile, who may change what is in it now.
  const stat = kernel.fstat(top.fd);
  if (typeof stat === "number") throw new Failure(`${what}: statx: ${errorText(-stat)}`);
  if (stat.uid !== identity.uid) {
    const to = { uid: identity.uid, gid: identity.gid };
    const isAlone = lock !== NO_LOCK;
    const found = { fd: top.fd, stat, mount: top.mount, way: top.way, chooser: top.chooser };
    reown(kernel, found, { option: CHOWN, path, from: undefined, to, isAlone, verbose: options.verbose });
  }
  if (lock !== NO_LOCK) kernel.close(lock);
  kernel.close(top.fd);
  releaseSignalsAfterWork(kernel, options.holdsSignals);
}

/**
 * Waits until no other start works on the tree. As soon as another one has given a directory away, its user may exchange what
 * is in it, which must not happen while this start gives files. Returns a descriptor that keeps the lock, or NO_LOCK for a file
 * that is no directory, and where the file system cannot lock.
 */
function lockTree(kernel: Kernel, top: Found, path: string): number {
  if ((top.stat.mode & S_IFMT) !== S_IFDIR) return NO_LOCK;
  const fd = kernel.openDirectory(top.fd);
  if (fd < 0) return NO_LOCK;
  let result = kernel.flock(fd);
  if (result === -EAGAIN) notice(kernel, `${path}: waiting for another program that has locked it (flock)`);
  while (result === -EAGAIN || result === -EINTR) {
    endIfTold(kernel, LOOK_AGAIN_MS);
    result = kernel.flock(fd);
  }
  if (result >= 0) return fd;
  kernel.close(fd);
  return NO_LOCK;
}
