// Least privilege: capabilities that are not kept are removed from all five sets, kept ones become ambient, no_new_privs is
// set, and all of it is read back (capabilities(7), prctl(2)).

import { Failure } from "../failure.ts";
import { EINVAL, errorText } from "../kernel/errno.ts";
import type { Kernel } from "../kernel/kernel.ts";
import {
  PR_CAP_AMBIENT,
  PR_CAP_AMBIENT_CLEAR_ALL,
  PR_CAP_AMBIENT_IS_SET,
  PR_CAP_AMBIENT_RAISE,
  PR_CAPBSET_DROP,
  PR_CAPBSET_READ,
  PR_GET_NO_NEW_PRIVS,
  PR_SET_KEEPCAPS,
  PR_SET_NO_NEW_PRIVS,
} from "../kernel/linux.ts";
import {
  CAP_NET_BIND_SERVICE,
  CAP_SETPCAP,
  type CapabilitySet,
  describeCapabilities,
  hasCapability,
  MOST_CAPABILITIES,
  parseCapabilities,
  setOf,
  without,
} from "./capabilities.ts";

/** The five capability sets of a process, and its no_new_privs bit. */
export interface Privileges {
  readonly permitted: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly ambient: CapabilitySet;
  readonly noNewPrivs: boolean;
}

/** What the command line asks for the command's privileges. */
export interface ConfinementOptions {
  /** The LIST of --caps; empty if not given. */
  readonly caps: string;
  readonly noNewPrivs: boolean;
  readonly restricted: boolean;
}

/** What the command may keep, and what has to be done to achieve that. */
export interface Confinement {
  /** Whether capabilities are confined at all: to `keep`. */
  readonly confinesCapabilities: boolean;
  readonly keep: CapabilitySet;
  /** What has to be dropped from the bounding set. */
  readonly drop: CapabilitySet;
  readonly noNewPrivs: boolean;
  /** Whether to refuse UID 0. */
  readonly neverRoot: boolean;
}

/** Whether any confinement is asked for. If not, the command gets what tsgosu has after the switch. */
export function wantsConfinement(options: ConfinementOptions): boolean {
  return options.noNewPrivs || options.restricted || options.caps !== "";
}

/** The capability sets and no_new_privs of the process as they are. Throws a Failure if they cannot be read. */
export function readPrivileges(kernel: Kernel): Privileges {
  const sets = kernel.capget();
  const bounding = readSet((capability) => kernel.prctl(PR_CAPBSET_READ, capability, 0));
  const ambient = readSet((capability) => kernel.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, capability));
  const noNewPrivs = kernel.prctl(PR_GET_NO_NEW_PRIVS, 0, 0);
  if (typeof sets === "number" || bounding < 0 || ambient === NO_ANSWER || noNewPrivs < 0) throw unreadable();
  return {
    permitted: sets.permitted,
    effective: sets.effective,
    inheritable: sets.inheritable,
    bounding,
    // A kernel without an ambient set (before Linux 4.3) says EINVAL at once, which means the same as an empty set.
    ambient: Math.max(ambient, 0),
    noNewPrivs: noNewPrivs === 1,
  };
}

function unreadable(): Failure {
  return new Failure("cannot read this process's capabilities", "does a seccomp profile forbid capget or prctl?");
}

/**
 * Empties the permitted, effective, inheritable and ambient sets of a process that has left root: setresuid(2) leaves all four
 * under SECBIT_NO_SETUID_FIXUP, and the inheritable set always (CVE-2022-29162). The ambient set is never larger than the
 * permitted and the inheritable one (capabilities(7)). Throws a Failure unless they are empty then.
 */
export function dropCapabilities(kernel: Kernel): void {
  if (hasNoCapability(kernel)) return;
  const result = kernel.capset({ permitted: 0, effective: 0, inheritable: 0 });
  if (result >= 0 && hasNoCapability(kernel)) return;
  throw notAsPlanned("the user would have capabilities", result);
}

function hasNoCapability(kernel: Kernel): boolean {
  const sets = kernel.capget();
  if (typeof sets === "number") throw unreadable();
  return sets.permitted === 0 && sets.effective === 0 && sets.inheritable === 0;
}

/** What `readSet` says where no set can be read; below every −errno. */
const NO_ANSWER = -4096;

/**
 * Reads a set capability by capability: `ask` returns 1 or 0, and −errno for a capability that the kernel does not have.
 * Returns −errno if it does not even have the first, and NO_ANSWER if it is refused later: only EINVAL means that there is no
 * such capability (prctl(2)).
 */
function readSet(ask: (capability: number) => number): CapabilitySet {
  let set = 0;
  let bit = 1;
  for (let capability = 0; capability < MOST_CAPABILITIES; capability++) {
    const answer = ask(capability);
    if (answer < 0 && capability > 0) return answer === -EINVAL ? set : NO_ANSWER;
    if (answer < 0) return answer;
    if (answer === 1) set += bit;
    bit *= 2;
  }
  // No kernel has that many: it is a sandbox that answers every call without carrying it out.
  return NO_ANSWER;
}

/**
 * What has to be done so that the command keeps only the capabilities in the list of --caps (no list: those it has). Throws a
 * Failure for a list that does not parse, for a capability that the process does not have, and if the command could regain
 * other capabilities.
 */
export function planConfinement(options: ConfinementOptions, now: Privileges): Confinement {
  const { caps, restricted } = options;
  const noNewPrivs = options.noNewPrivs || restricted;
  if (caps === "" && !restricted)
    return { confinesCapabilities: false, keep: 0, drop: 0, noNewPrivs, neverRoot: false };
  const keep = parseCapabilities(caps === "" ? "none" : caps, now.permitted);
  const excess = without(now.bounding, keep);
  const mayDrop = hasCapability(now.effective, CAP_SETPCAP);
  let problem = "";
  let hint = "";
  if (restricted && without(keep, setOf(CAP_NET_BIND_SERVICE)) !== 0) {
    problem = "--restricted allows no capability but net_bind_service";
    hint = "leave out one of the two";
  } else if (without(keep, now.permitted) !== 0) {
    const missing = without(keep, now.permitted);
    const names = describeCapabilities(missing);
    problem = `the container does not have ${names}`;
    hint = `start it with --cap-add ${names} (Kubernetes: securityContext.capabilities.add)`;
    if (without(missing, now.bounding) === 0) {
      problem = `tsgosu was not given ${names}, which the container's root would have`;
      hint = "start the container as root (no --user, no runAsUser), and name the user to tsgosu";
    }
  } else if (excess !== 0 && !mayDrop && !noNewPrivs && !now.noNewPrivs) {
    // A program gains capabilities from the bounding set if it is setuid-root, has file capabilities, or is run by root.
    // Under no_new_privs execve(2) grants none of them, so a set that cannot be dropped is out of reach.
    problem = `the command could regain ${describeCapabilities(excess)}: dropping it for good takes setpcap`;
    hint = "add --no-new-privs, which puts it out of reach; or start the container with --cap-add SETPCAP";
  }
  if (problem !== "") throw new Failure(`--caps ${caps}: ${problem}`, hint);
  return { confinesCapabilities: true, keep, drop: mayDrop ? excess : 0, noNewPrivs, neverRoot: restricted };
}

/** Throws a Failure if the command would be UID 0 and must not. */
export function refuseRoot(plan: Confinement, uid: number): void {
  if (plan.neverRoot && uid === 0) {
    throw new Failure("--restricted: the command would be root (UID 0)", "name another user, such as 65532:65532");
  }
}

/**
 * Does what has to be done before the switch, while the process still may: empties the bounding set, and makes sure that
 * leaving UID 0 does not clear the permitted set. `confineAfterSwitch` notices what the kernel refuses here.
 */
export function confineBeforeSwitch(kernel: Kernel, plan: Confinement): void {
  forEachIn(plan.drop, (capability) => kernel.prctl(PR_CAPBSET_DROP, capability, 0));
  if (plan.keep !== 0) kernel.prctl(PR_SET_KEEPCAPS, 1, 0);
}

/** Does the rest, and reads everything back. Throws a Failure if it is not as planned. */
export function confineAfterSwitch(kernel: Kernel, plan: Confinement): void {
  const keep = plan.keep;
  let refusal = 0;
  if (plan.confinesCapabilities) {
    refusal = kernel.capset({ permitted: keep, effective: keep, inheritable: keep });
    const cleared = kernel.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0);
    if (cleared === -EINVAL && keep !== 0) {
      throw new Failure(
        "--caps: this kernel has no ambient capabilities, which the command needs to keep any",
        "Linux has had them since 4.3, unless a sandbox or a seccomp profile hides them",
      );
    }
    const raise = (capability: number): number => kernel.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability);
    refusal = Math.min(refusal, forEachIn(keep, raise));
    // execve(2) clears this flag too, but an init stays.
    if (keep !== 0) kernel.prctl(PR_SET_KEEPCAPS, 0, 0);
  }
  if (plan.noNewPrivs) refusal = Math.min(refusal, kernel.prctl(PR_SET_NO_NEW_PRIVS, 1, 0));
  const wrong = deviation(plan, readPrivileges(kernel));
  if (wrong !== "") throw notAsPlanned(wrong, refusal);
}

function notAsPlanned(wrong: string, refusal: number): Failure {
  const why = refusal < 0 ? errorText(-refusal) : "the kernel reported success but did not do it";
  return new Failure(
    `cannot confine the command: ${wrong}: ${why}`,
    "a seccomp profile, a sandbox, or secure bits (capabilities(7)) of this container forbid it",
  );
}

/** Calls `change` for every capability of a set; 0, or the last −errno. */
function forEachIn(set: CapabilitySet, change: (capability: number) => number): number {
  let refusal = 0;
  let rest = set;
  for (let capability = 0; rest > 0; capability++) {
    if (rest % 2 === 1) refusal = Math.min(refusal, change(capability));
    rest = Math.floor(rest / 2);
  }
  return refusal;
}

/** How the privileges differ from the plan; empty if they agree. */
export function deviation(plan: Confinement, now: Privileges): string {
  if (plan.noNewPrivs && !now.noNewPrivs) return "no_new_privs is not set";
  if (!plan.confinesCapabilities) return "";
  const keep = plan.keep;
  // Without setpcap, under no_new_privs, the bounding set is allowed to stay (see planConfinement).
  if (plan.drop !== 0 || !now.noNewPrivs) {
    if (without(now.bounding, keep) !== 0) return `the bounding set is ${describeCapabilities(now.bounding)}`;
  }
  if (now.permitted !== keep) return `the permitted set is ${describeCapabilities(now.permitted)}`;
  if (now.effective !== keep) return `the effective set is ${describeCapabilities(now.effective)}`;
  if (now.inheritable !== keep) return `the inheritable set is ${describeCapabilities(now.inheritable)}`;
  if (now.ambient !== keep) return `the ambient set is ${describeCapabilities(now.ambient)}`;
  return "";
}

/** What was done, for people. */
export function describeConfinement(plan: Confinement): string {
  const kept = plan.confinesCapabilities ? describeCapabilities(plan.keep) : "as they were";
  return `capabilities: ${kept}${plan.noNewPrivs ? "; no_new_privs is set" : ""}`;
}
