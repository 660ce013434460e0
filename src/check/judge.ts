// Whether a posture meets the Pod Security Standard "restricted" (kubernetes.io, pod-security-standards), control by
// control, how what does not is mended, and what else is worth knowing.

import { CAP_NET_BIND_SERVICE, describeCapabilities, setOf, without } from "../privilege/capabilities.ts";
import { describeRanges } from "../privilege/idmap.ts";
import { type Posture, rootIsRootOutside } from "./posture.ts";

/** A control of the standard, as one process shows it. */
export interface Control {
  /** Its name, which does not change. */
  readonly id: string;
  readonly holds: boolean;
  /** What was found. */
  readonly found: string;
  /** The line that mends it for each of `PLACES`. */
  readonly mends: readonly string[];
}

/** Where a control is mended: in the manifest of a pod, among the flags of `docker run`, or in tsgosu's words. */
export const PLACES: readonly string[] = ["kubernetes", "docker", "tsgosu"];

const NON_ROOT =
  "securityContext: {runAsNonRoot: true, runAsUser: 65532}|--user 65532:65532|tsgosu 65532:65532, or another user that is not root";
const NO_NEW_PRIVS =
  "securityContext: {allowPrivilegeEscalation: false}|--security-opt no-new-privileges|--no-new-privs";
const CAPABILITIES = 'securityContext: {capabilities: {drop: ["ALL"]}}|--cap-drop ALL|--caps none';
const SECCOMP =
  "securityContext: {seccompProfile: {type: RuntimeDefault}}|leave out --privileged and --security-opt seccomp=unconfined|only the engine can";

/** The controls of the restricted profile, those that one process shows: all hold in a pod that it admits. */
export function judge(posture: Posture): Control[] {
  const uids = posture.uids;
  const found = posture.privileges;
  const controls: Control[] = [];
  const isRoot = uids.real === 0 || uids.effective === 0 || uids.saved === 0;
  controls.push(
    control("non_root_uid", !isRoot, `real ${uids.real}, effective ${uids.effective}, saved ${uids.saved}`, NON_ROOT),
  );
  controls.push(control("no_new_privs", found.noNewPrivs, found.noNewPrivs ? "set" : "not set", NO_NEW_PRIVS));
  const names = ["effective", "permitted", "inheritable", "bounding", "ambient"];
  const sets = [found.effective, found.permitted, found.inheritable, found.bounding, found.ambient];
  for (let i = 0; i < sets.length; i++) {
    const set = sets[i] ?? 0;
    // The standard lets a container add back one capability.
    const holds = without(set, setOf(CAP_NET_BIND_SERVICE)) === 0;
    controls.push(control(`capabilities_${names[i] ?? ""}`, holds, describeCapabilities(set), CAPABILITIES));
  }
  const mode = ["none", "strict", "filter"][posture.seccomp] ?? "unknown, without /proc";
  controls.push(control("seccomp", posture.seccomp > 0, mode, SECCOMP));
  return controls;
}

function control(id: string, holds: boolean, found: string, mends: string): Control {
  return { id, holds, found, mends: mends.split("|") };
}

/** Names and values of what else is known, one after the other: words, numbers, `true`, `false`; empty where unknown. */
export function factsOf(posture: Posture): string[] {
  return [
    "uid",
    `${posture.uids.effective}`,
    "gid",
    `${posture.gids.effective}`,
    "groups",
    posture.groups.join(","),
    "uid_map",
    describeRanges(posture.uidMap),
    "gid_map",
    describeRanges(posture.gidMap),
    "root_is_root_outside",
    answer(rootIsRootOutside(posture.uidMap)),
    "setgroups",
    posture.setgroups,
    "read_only_root",
    answer(posture.readOnlyRoot),
    "pid_1",
    `${posture.isInit}`,
  ];
}

function answer(value: number): string {
  return value < 0 ? "" : `${value === 1}`;
}
