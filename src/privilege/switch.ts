// Becoming another user for good, and making sure of it (setgroups(2), setresgid(2), setresuid(2)).

import type { Identity } from "../accounts/identity.ts";
import { Failure } from "../failure.ts";
import { EAGAIN, EINVAL, EPERM, errorText } from "../kernel/errno.ts";
import type { Kernel, Threads } from "../kernel/kernel.ts";
import { type Credentials, describeIds, groupsBesides, isIdentity, readCredentials } from "./credentials.ts";
import { describeRanges, type IdRange, isMapped, parseIdMap, readProc } from "./idmap.ts";

/** The system calls that change who a process is, in order: the UID last, since that gives up the right to make them. */
type SwitchCall = "setgroups" | "setresgid" | "setresuid";

/**
 * For a process that already is `identity`: drops its other groups if the kernel allows that. If not, the process keeps them:
 * the platform gave them on purpose. A user's primary GID may stay among them, so that no switching call is made for it.
 */
export function dropOtherGroups(kernel: Kernel, identity: Identity, current: Credentials, threads: Threads): void {
  const hasOthers =
    current.uids.effective === 0
      ? current.groups.length !== identity.groups.length
      : groupsBesides(current, identity).length > 0;
  if (hasOthers) kernel.setgroups(identity.groups, threads);
}

/**
 * Gives all IDs of `identity` to the process, or to its calling thread, and reads them back. Throws a Failure if the kernel
 * refuses, or if what it reads is not what it asked for.
 */
export function switchTo(kernel: Kernel, identity: Identity, current: Credentials, threads: Threads): void {
  attempt(kernel, "setgroups", kernel.setgroups(identity.groups, threads), identity, current);
  attempt(kernel, "setresgid", kernel.setresgid(identity.gid, threads), identity, current);
  attempt(kernel, "setresuid", kernel.setresuid(identity.uid, threads), identity, current);
  const now = readCredentials(kernel);
  if (!isIdentity(now, identity)) {
    const is = describeIds(now.uids.effective, now.gids.effective, now.groups);
    throw new Failure(
      `cannot become ${describeIds(identity.uid, identity.gid, identity.groups)}: the kernel reported success, but the process is ${is}`,
      "a seccomp profile or a sandbox answers these calls without carrying them out",
    );
  }
}

function attempt(kernel: Kernel, call: SwitchCall, result: number, identity: Identity, current: Credentials): void {
  if (result >= 0) return;
  const namespace: UserNamespace = {
    uids: parseIdMap(readProc(kernel, "/proc/self/uid_map")),
    gids: parseIdMap(readProc(kernel, "/proc/self/gid_map")),
    setgroupsDenied: readProc(kernel, "/proc/self/setgroups").startsWith("deny"),
  };
  throw explainRefusal(call, -result, identity, current, namespace);
}

/** What the user namespace allows; the maps are empty if /proc is missing. */
export interface UserNamespace {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
  readonly setgroupsDenied: boolean;
}

/** Why the kernel refused a switching call, and what to change (setresuid(2), user_namespaces(7)). */
export function explainRefusal(
  call: SwitchCall,
  errno: number,
  identity: Identity,
  current: Credentials,
  namespace: UserNamespace,
): Failure {
  const wanted = describeIds(identity.uid, identity.gid, identity.groups);
  const unmapped = unmappedId(call, identity, namespace);
  if (errno === EINVAL && unmapped !== "") {
    return new Failure(
      `cannot become ${wanted}: ${unmapped}`,
      "choose an ID that is mapped, or give the container a larger map (--uidmap, --gidmap, subuid and subgid)",
    );
  }
  if (errno === EPERM && call === "setgroups" && namespace.setgroupsDenied) {
    return new Failure(
      `cannot become ${wanted}: setgroups is denied in this user namespace (/proc/self/setgroups)`,
      "map the groups with newgidmap, as rootless podman and docker do, or run the command as the current user: --if-root",
    );
  }
  const is = describeIds(current.uids.effective, current.gids.effective, current.groups);
  if (errno === EPERM && current.uids.effective !== 0) {
    return new Failure(
      `cannot become ${wanted}: tsgosu runs as ${is}, and only root may switch`,
      "start the container as root (no --user, no runAsUser), or run the command as the current user: tsgosu --if-root",
    );
  }
  if (errno === EPERM) {
    return new Failure(
      `cannot become ${wanted}: tsgosu runs as ${is} but without the capability that ${call} needs`,
      `add ${call === "setresuid" ? "SETUID" : "SETGID"} (--cap-add SETUID --cap-add SETGID), or start as the user and give --if-root`,
    );
  }
  if (errno === EAGAIN) {
    return new Failure(
      `cannot become ${wanted}: the user already runs as many processes as its limit allows`,
      "raise --ulimit nproc",
    );
  }
  return new Failure(`cannot become ${wanted}: ${call}: ${errorText(errno)}`);
}

/** Names the ID set by the call that is not in the map, and the ranges that are; empty if all are. */
function unmappedId(call: SwitchCall, identity: Identity, namespace: UserNamespace): string {
  if (call === "setresuid") return missing("UID", [identity.uid], namespace.uids);
  return missing("GID", call === "setresgid" ? [identity.gid] : identity.groups, namespace.gids);
}

function missing(what: string, ids: readonly number[], ranges: readonly IdRange[]): string {
  const id = ids.find((candidate) => !isMapped(ranges, candidate));
  if (id === undefined || ranges.length === 0) return "";
  return `${what} ${id} is not mapped in this user namespace (mapped: ${describeRanges(ranges)})`;
}
