// Capabilities by name and number (capabilities(7), linux/capability.h), and sets of them.

import { Failure } from "../failure.ts";
import { isDigits, itemOf, lowerCase, numberOf } from "../text.ts";

/** A set of capabilities: capability N is in it if bit N is set. Exact up to capability 52; Linux 6 has 0 to 40. */
export type CapabilitySet = number;

/** How many capabilities a set can hold. */
export const MOST_CAPABILITIES = 53;

/** The capabilities 0 to 40, in order, without `CAP_`. */
const NAMES =
  "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore";

/** The names as a list, made only where one is needed. */
function namesInOrder(): string[] {
  return NAMES.split(" ");
}

export const CAP_SETPCAP = 8;
export const CAP_NET_BIND_SERVICE = 10;

/** What `parseCapabilities` says for `all`: every capability that the process has. */
export const ALL_CAPABILITIES = -1;

/**
 * Reads a list such as `net_bind_service,CAP_CHOWN,12`, or `none`, or `all`: names with or without `cap_` in any case, and
 * numbers from 0 to 40. Throws a Failure for anything else.
 */
export function parseCapabilities(list: string): CapabilitySet {
  const whole = lowerCase(list);
  if (whole === "none") return 0;
  if (whole === "all") return ALL_CAPABILITIES;
  const words = whole.split(",");
  const names = namesInOrder();
  let set = 0;
  for (let i = 0; i < words.length; i++) {
    const word = itemOf(words, i);
    const capability = isDigits(word) ? numberOf(word) : names.indexOf(word.startsWith("cap_") ? word.slice(4) : word);
    if (capability < 0 || capability >= names.length) {
      throw new Failure(
        `--caps '${list}': no capability '${word}'`,
        "none, all, or names and numbers (0 to 40) with commas between them, such as net_bind_service,chown",
      );
    }
    if (!hasCapability(set, capability)) set += setOf(capability);
  }
  return set;
}

/** The set of one capability. */
export function setOf(capability: number): CapabilitySet {
  let bit = 1;
  for (let i = 0; i < capability; i++) bit *= 2;
  return bit;
}

export function hasCapability(set: CapabilitySet, capability: number): boolean {
  return Math.floor(set / setOf(capability)) % 2 === 1;
}

/** The capabilities of `set` that are not in `other`. */
export function without(set: CapabilitySet, other: CapabilitySet): CapabilitySet {
  let rest = 0;
  let bit = 1;
  for (let capability = 0; capability < MOST_CAPABILITIES; capability++) {
    if (Math.floor(set / bit) % 2 === 1 && Math.floor(other / bit) % 2 === 0) rest += bit;
    bit *= 2;
  }
  return rest;
}

/** `chown,net_bind_service`, or `none`, for people, and what `--caps` takes: names, numbers where newer than this program. */
export function describeCapabilities(set: CapabilitySet): string {
  const names = namesInOrder();
  let text = "";
  let rest = set;
  for (let capability = 0; rest > 0; capability++) {
    if (rest % 2 === 1) {
      const name = itemOf(names, capability);
      text += `${text === "" ? "" : ","}${name === "" ? `${capability}` : name}`;
    }
    rest = Math.floor(rest / 2);
  }
  return text === "" ? "none" : text;
}
