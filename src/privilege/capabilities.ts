// Capabilities by name and number (capabilities(7), linux/capability.h), and sets of them.

import { Failure } from "../failure.ts";
import { isDigits, itemOf, lowerCase, numberOf } from "../text.ts";

/**
 * A set of capabilities: capability N is in it if bit N is set, as in capget(2). A number holds 53 bits exactly; Linux 6
 * has 41 capabilities, 0 to 40. Code that reads a set from the kernel must stop at `MOST_CAPABILITIES`.
 */
export type CapabilitySet = number;

/** How many capabilities a set can hold: 0 to 52. */
export const MOST_CAPABILITIES = 53;

/** Lets a process drop capabilities from its bounding set. */
export const CAP_SETPCAP = 8;
/** Lets a process bind ports below 1024: the one capability that the Pod Security Standard "restricted" allows. */
export const CAP_NET_BIND_SERVICE = 10;

/** The capabilities 0 to 40 in order, without `cap_`. One string, split only when a list is needed. */
const NAMES =
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore";

/**
 * The set that a list such as `net_bind_service,CAP_CHOWN,12` names: names with or without `cap_`, in any case, and numbers
 * from 0 to 40, separated by commas. `none` is the empty set, `all` is the set `all`. Throws a Failure for anything else.
 */
export function parseCapabilities(list: string, all: CapabilitySet): CapabilitySet {
  const whole = lowerCase(list);
  if (whole === "none") return 0;
  if (whole === "all") return all;
  const names = NAMES.split(" ");
  let set = 0;
  for (const word of whole.split(",")) {
    if (word === "none" || word === "all")
      throw new Failure(`--caps '${list}': '${word}' stands alone`, `give --caps ${word}, or a list without ${word}`);
    const capability = parseCapability(word, names);
    if (capability < 0) {
      throw new Failure(
        `--caps '${list}': there is no capability '${word}'`,
        "give none, all, or names and numbers (0 to 40) with commas between them, such as net_bind_service,chown",
      );
    }
    if (!hasCapability(set, capability)) set += setOf(capability);
  }
  return set;
}

/** The number of a capability given by name (in lower case) or number; -1 if there is no such capability. */
function parseCapability(word: string, names: readonly string[]): number {
  if (!isDigits(word)) return names.indexOf(word.startsWith("cap_") ? word.slice(4) : word);
  const capability = numberOf(word);
  return capability < names.length ? capability : -1;
}

/** The set of `capability` (0 to 52) alone. */
export function setOf(capability: number): CapabilitySet {
  let bit = 1;
  for (let i = 0; i < capability; i++) bit *= 2;
  return bit;
}

/** Whether `capability` (0 to 52) is in `set`. */
export function hasCapability(set: CapabilitySet, capability: number): boolean {
  return Math.floor(set / setOf(capability)) % 2 === 1;
}

/** The capabilities of `set` that are not in `other`. */
export function without(set: CapabilitySet, other: CapabilitySet): CapabilitySet {
  // The operator `&` is exact only for 32 bits.
  let rest = 0;
  let bit = 1;
  for (let capability = 0; capability < MOST_CAPABILITIES; capability++) {
    if (Math.floor(set / bit) % 2 === 1 && Math.floor(other / bit) % 2 === 0) rest += bit;
    bit *= 2;
  }
  return rest;
}

/**
 * `chown,net_bind_service`, or `none`: for people, and as `--caps` takes it. A capability newer than this program appears as
 * its number.
 */
export function describeCapabilities(set: CapabilitySet): string {
  const names = NAMES.split(" ");
  const words: string[] = [];
  let rest = set;
  for (let capability = 0; rest > 0; capability++) {
    if (rest % 2 === 1) words.push(capability < names.length ? itemOf(names, capability) : `${capability}`);
    rest = Math.floor(rest / 2);
  }
  return words.length === 0 ? "none" : words.join(",");
}
