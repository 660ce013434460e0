// What /proc/[pid]/status says of the security of PID 1 in a container and of the command it runs.

import { type Ran, type RunOptions, run } from "./containers.ts";
import type { Executable } from "./executables.ts";

/** The fields that the tests hold to what was asked for; capability sets in hexadecimal without leading zeros. */
export interface Status {
  readonly uid: string;
  readonly gid: string;
  readonly groups: string;
  readonly inheritable: string;
  readonly permitted: string;
  readonly effective: string;
  readonly bounding: string;
  readonly ambient: string;
  readonly noNewPrivs: string;
  readonly seccomp: string;
}

const FIELDS: Readonly<Record<keyof Status, string>> = {
  uid: "Uid",
  gid: "Gid",
  groups: "Groups",
  inheritable: "CapInh",
  permitted: "CapPrm",
  effective: "CapEff",
  bounding: "CapBnd",
  ambient: "CapAmb",
  noNewPrivs: "NoNewPrivs",
  seccomp: "Seccomp",
};

/** The fields of one status file's text. */
export function statusOf(text: string): Status {
  const fields: Partial<Record<keyof Status, string>> = {};
  for (const [key, name] of Object.entries(FIELDS) as [keyof Status, string][]) {
    const value = new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, "m").exec(text)?.[1] ?? "?";
    fields[key] = name.startsWith("Cap") ? value.replace(/^0+(?=.)/, "") : value.replaceAll(/\s+/g, " ");
  }
  return fields as Status;
}

export interface Statuses {
  readonly ran: Ran;
  /** PID 1 of the container: tsgosu, or with --exec the command. */
  readonly first: Status;
  readonly command: Status;
}

/** Runs `cat` through tsgosu with these words, as the container's PID 1. */
export async function statuses(
  executable: Executable,
  words: readonly string[],
  options: RunOptions = {},
): Promise<Statuses> {
  const script = "cat /proc/1/status; echo @; exec cat /proc/self/status";
  const ran = await run(executable, [...words, "sh", "-c", script], options);
  const [first = "", command = ""] = ran.stdout.split("@\n");
  return { ran, first: statusOf(first), command: statusOf(command) };
}

/** The fields of a process that is `uid:gid`, with a capability set in all five places. */
export function expected(uid: number, gid: number, changes: Partial<Status> = {}, keeps = "0"): Status {
  return {
    uid: `${uid} ${uid} ${uid} ${uid}`,
    gid: `${gid} ${gid} ${gid} ${gid}`,
    groups: `${gid}`,
    inheritable: keeps,
    permitted: keeps,
    effective: keeps,
    bounding: keeps,
    ambient: keeps,
    noNewPrivs: "0",
    seccomp: "2",
    ...changes,
  };
}
