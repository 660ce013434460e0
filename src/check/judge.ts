// Whether a posture meets the Pod Security Standard "restricted" (kubernetes.io, pod-security-standards), control by
// control, how what does not is mended, and what else is worth knowing.

import {
  CAP_NET_BIND_SERVICE,
  type CapabilitySet,
  describeCapabilities,
  setOf,
  without,
} from "../privilege/capabilities.ts";
import type { IdRange } from "../privilege/idmap.ts";
import { itemOf } from "../text.ts";
import { type Posture, rootIsRootOutside } from "./posture.ts";

/** The members of a control, in the order in which `judge` lists them; the last three are where it is mended. */
export const MEMBERS: readonly string[] = ["control", "holds", "found", "kubernetes", "docker", "tsgosu"];

const NON_ROOT =
  "securityContext: {runAsNonRoot: true, runAsUser: 65532}|--user 65532:65532|tsgosu 65532:65532, or another user that is not root";
const NO_NEW_PRIVS =
  "securityContext: {allowPrivilegeEscalation: false}|--security-opt no-new-privileges|--no-new-privs";
const CAPABILITIES = 'securityContext: {capabilities: {drop: ["ALL"]}}|--cap-drop ALL|--caps none';
const SECCOMP =
  "securityContext: {seccompProfile: {type: RuntimeDefault}}|leave out --privileged and --security-opt seccomp=unconfined|only the engine can";

/**
 * The controls of the restricted profile, those that one process shows: all hold in a pod that it admits. As many strings
 * a control as `MEMBERS` has: its name, which does not change; `true` or `false`; what was found; and, empty where it
 * holds, the lines that mend it: in the manifest of a pod or container, for `docker run`, for tsgosu.
 */
export function judge(posture: Posture): string[] {
  const uids = posture.uids;
  const found = posture.privileges;
  const list: string[] = [];
  const isRoot = uids.real === 0 || uids.effective === 0 || uids.saved === 0;
  add(list, "non_root_uid", !isRoot, `real ${uids.real}, effective ${uids.effective}, saved ${uids.saved}`, NON_ROOT);
  add(list, "no_new_privs", found.noNewPrivs, found.noNewPrivs ? "set" : "not set", NO_NEW_PRIVS);
  addSet(list, "effective", found.effective);
  addSet(list, "permitted", found.permitted);
  addSet(list, "inheritable", found.inheritable);
  addSet(list, "bounding", found.bounding, ", in a container with SETPCAP");
  addSet(list, "ambient", found.ambient);
  const mode = itemOf(["unknown", "none", "strict", "filter"], posture.seccomp + 1);
  add(list, "seccomp", posture.seccomp > 0, mode, SECCOMP);
  return list;
}

function addSet(list: string[], name: string, set: CapabilitySet, needs: string = ""): void {
  // The standard lets a container add back one capability.
  const holds = without(set, setOf(CAP_NET_BIND_SERVICE)) === 0;
  add(list, `${name}_capabilities`, holds, describeCapabilities(set), CAPABILITIES + needs);
}

function add(list: string[], id: string, holds: boolean, found: string, mends: string): void {
  const lines = mends.split("|");
  list.push(id);
  list.push(holds ? "true" : "false");
  list.push(found);
  for (let i = 0; i < 3; i++) list.push(holds ? "" : itemOf(lines, i));
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
    describeMap(posture.uidMap),
    "gid_map",
    describeMap(posture.gidMap),
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

/** As the kernel writes it: first ID in here, first ID outside, how many. */
function describeMap(ranges: readonly IdRange[]): string {
  let text = "";
  for (const range of ranges) text += `${text === "" ? "" : ", "}${range.inside} ${range.outside} ${range.length}`;
  return text;
}

function answer(value: number): string {
  return value < 0 ? "" : `${value === 1}`;
}
