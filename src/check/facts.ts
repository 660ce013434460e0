// What a posture says besides the controls: facts that no standard judges, and that explain much.

import type { IdRange } from "../privilege/idmap.ts";
import { isRootOutside, type Posture } from "./posture.ts";

export interface Fact {
  /** Its name in the JSON: names never change. */
  readonly name: string;
  /** A text, the answer to a question, or undefined where that is not known or there is none. */
  readonly value: string | boolean | undefined;
}

/** All facts, in the order in which they are printed. */
export function factsOf(posture: Posture): Fact[] {
  return [
    { name: "uid", value: `${posture.uids.effective}` },
    { name: "gid", value: `${posture.gids.effective}` },
    { name: "groups", value: listed(posture.groups.join(",")) },
    { name: "uid_map", value: listed(describeMap(posture.uidMap)) },
    { name: "gid_map", value: listed(describeMap(posture.gidMap)) },
    { name: "root_is_root_outside", value: isRootOutside(posture.uidMap) },
    { name: "setgroups", value: posture.setgroups === "unknown" ? undefined : posture.setgroups },
    { name: "read_only_root", value: posture.readOnlyRoot },
    { name: "pid_1", value: posture.isInit },
  ];
}

/** As /proc/self/uid_map has them: the first ID in here, the first ID outside, and how many there are. */
function describeMap(ranges: readonly IdRange[]): string {
  return ranges.map((range) => `${range.inside} ${range.outside} ${range.length}`).join(", ");
}

/** A list as it is printed; undefined where it has no items. */
function listed(items: string): string | undefined {
  return items === "" ? undefined : items;
}
