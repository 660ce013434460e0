// Socket activation: descriptors that tsgosu's parent hands to one process on purpose (sd_listen_fds(3)).

import { numberOf } from "../text.ts";

/** The variable that names the process that the sockets are meant for. */
export const LISTEN_PID = "LISTEN_PID";
/** The variable that says how many there are, from descriptor 3 on. */
export const LISTEN_FDS = "LISTEN_FDS";
/** The value of LISTEN_PID until the PID is known: as many digits as a PID may have. */
export const ROOM_FOR_PID = "0000000000";
/** More than any service needs. */
const MOST_DESCRIPTORS = 1024;

/** Whether LISTEN_PID names this process, so that it has to be changed to name the command. */
export function isMeantForUs(listenPid: string | undefined, pid: number): boolean {
  return listenPid === `${pid}`;
}

/** How many descriptors from 3 on are meant for this process, or for any process if LISTEN_PID is missing. */
export function countListenDescriptors(
  listenFds: string | undefined,
  listenPid: string | undefined,
  pid: number,
): number {
  const count = numberOf(listenFds ?? "");
  if (!(count >= 1 && count <= MOST_DESCRIPTORS)) return 0;
  return listenPid === undefined || listenPid === ROOM_FOR_PID || isMeantForUs(listenPid, pid) ? count : 0;
}
