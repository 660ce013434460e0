// --puid: what the environment says of the user's IDs and umask, in the variables that many images have for it.

import { MAX_ID } from "../accounts/spec.ts";
import { Failure } from "../failure.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { parseIdMap, readProc, UNMAPPED_HINT, whyUnmapped } from "../privilege/idmap.ts";
import { MOST_MODE, numberOf, octalOf } from "../text.ts";
import type { Owner } from "./owner.ts";

export const PUID = "--puid";

/**
 * The IDs that PUID and PGID name; the one that is not set, or empty, is that of `user`. Undefined where neither is set.
 * Throws a Failure for what is no ID, and for UID 0, unless the user is root.
 */
export function ownerInEnvironment(kernel: Kernel, user: Owner): Owner | undefined {
  const uid = variable(kernel, "PUID");
  const gid = variable(kernel, "PGID");
  if (uid === "" && gid === "") return undefined;
  const owner = { uid: idOf("PUID", uid, user.uid), gid: idOf("PGID", gid, user.gid) };
  if (owner.uid === 0 && user.uid !== 0)
    throw new Failure(
      `${PUID}: PUID=${uid}: the user must not become root`,
      "set PUID to the UID that owns the files, as id -u prints it on the host, or leave it out",
    );
  return owner;
}

/** Throws a Failure where this user namespace does not map one of the IDs. */
export function refuseUnmappedVariables(kernel: Kernel, owner: Owner): void {
  const uid = whyUnmapped("PUID", [owner.uid], parseIdMap(readProc(kernel, "/proc/self/uid_map")));
  const why = uid === "" ? whyUnmapped("PGID", [owner.gid], parseIdMap(readProc(kernel, "/proc/self/gid_map"))) : uid;
  if (why !== "") throw new Failure(`${PUID}: ${why}`, UNMAPPED_HINT);
}

/**
 * The umask that the command shall have: with --puid that of UMASK, where it is set, else that of --umask; below 0: the one
 * that is there. Throws a Failure for a UMASK that is none.
 */
export function wantedUmask(kernel: Kernel, options: { readonly puid: boolean; readonly umask: number }): number {
  const text = options.puid ? variable(kernel, "UMASK") : "";
  if (text === "") return options.umask;
  const umask = octalOf(text);
  if (umask <= MOST_MODE) return umask;
  throw nonsense("UMASK", text, "a umask is octal, from 0 to 0777");
}

function idOf(name: string, text: string, without: number): number {
  if (text === "") return without;
  const id = numberOf(text);
  if (id <= MAX_ID) return id;
  throw nonsense(name, text, `an ID is a number from 0 to ${MAX_ID}`);
}

function nonsense(name: string, text: string, rule: string): Failure {
  return new Failure(`${PUID}: ${name}='${text}': ${rule}`, `set ${name} to such a number, or leave it out`);
}

function variable(kernel: Kernel, name: string): string {
  return kernel.environment(name) ?? "";
}
