// --keep-groups and --group-of: groups that the user gets besides its own (DESIGN §2).

import type { Identity } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Credentials } from "../privilege/credentials.ts";
import { say } from "../report.ts";
import { refuseUnmappedId } from "./owner.ts";
import { CHOSEN, findOrFail } from "./path.ts";

const GROUP_OF = "--group-of";

export interface GroupOptions {
  readonly keepGroups: boolean;
  /** Each PATH of --group-of, in order. */
  readonly groupOf: readonly string[];
  readonly verbose: boolean;
}

/**
 * `identity` with the supplementary groups that these options add. Throws a Failure if a group has no GID in this user
 * namespace, if a PATH leads nowhere, if others than root may have chosen what is there, or if its group is root's: GID 0 is
 * never gained.
 */
export function joinGroups(kernel: Kernel, options: GroupOptions, identity: Identity, current: Credentials): Identity {
  const { keepGroups, groupOf, verbose } = options;
  if (!keepGroups && groupOf.length === 0) return identity;
  const groups = new Set(identity.groups);
  if (keepGroups)
    for (const gid of current.groups) {
      refuseUnmappedId(kernel, "--keep-groups: a group", gid, "gid");
      if (gid !== 0) groups.add(gid);
    }
  for (const path of groupOf) {
    const gid = groupAt(kernel, path);
    if (gid === 0 && identity.gid !== 0 && !groups.has(0))
      throw new Failure(
        `${GROUP_OF} ${path}: its group is root's, which ${identity.name} must not join`,
        "give it a group of its own (chgrp) where it comes from, and let that group use it (chmod g+rw)",
      );
    if (gid !== identity.gid && !groups.has(gid)) say(kernel, verbose, `joins group ${gid}, which owns ${path}`);
    groups.add(gid);
  }
  const { uid, gid, home, name, shell } = identity;
  return { uid, gid, groups: [...groups], home, name, shell };
}

function groupAt(kernel: Kernel, path: string): number {
  const found = findOrFail(kernel, GROUP_OF, path);
  kernel.close(found.fd);
  if (found.chooser !== "") throw new Failure(`${GROUP_OF} ${path}: ${found.chooser}`, CHOSEN);
  refuseUnmappedId(kernel, `${GROUP_OF} ${path}: its GID`, found.stat.gid, "gid");
  return found.stat.gid;
}
