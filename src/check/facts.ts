// The facts of a posture besides the controls: no standard judges them, but they explain much.

import type { IdRange } from "../privilege/idmap.ts";
import { isRootOutside, type Posture } from "./posture.ts";

export interface Fact {
  /** Its name in the JSON: names never change. */
  readonly name: string;
  /** A text, or the answer to a question; undefined if it is not known or there is none. */
  readonly value: string | boolean | undefined;
}

/** All facts, in the order they are printed. */
export function factsOf(posture: Posture): Fact[] {
  return [
    text("uid", `${posture.uids.effective}`),
    text("gid", `${posture.gids.effective}`),
    text("groups", posture.groups.join(",")),
    text("uid_map", describeMap(posture.uidMap)),
    text("gid_map", describeMap(posture.gidMap)),
    answer("root_is_root_outside", isRootOutside(posture.uidMap)),
    text("setgroups", posture.setgroups === "unknown" ? "" : posture.setgroups),
    answer("read_only_root", posture.readOnlyRoot),
    answer("pid_1", posture.isInit),
  ];
}

/** A fact that is a text or a list; empty if it is not known or has no items. */
function text(name: string, value: string): Fact {
  return { name, value: value === "" ? undefined : value };
}

function answer(name: string, value: boolean | undefined): Fact {
  return { name, value };
}

/** As in /proc/self/uid_map: the first ID inside, the first ID outside, and how many there are. */
function describeMap(ranges: readonly IdRange[]): string {
  return ranges.map((range) => `${range.inside} ${range.outside} ${range.length}`).join(", ");
}
