// The whole policy of an init, as a state machine: (policy, state, event, now) → (state, actions). It makes no system calls;
// supervise.ts carries out the actions. Times are milliseconds of a clock that nobody sets.

import { SIGCHLD, SIGCONT, SIGKILL, SIGSTOP, SIGTERM, SIGTSTP } from "../kernel/signals.ts";
import type { InitOptions } from "./options.ts";
import { asksToEnd, isForwarded, isFromTerminal, stopsJob } from "./signals.ts";

/** What does not change while init runs. */
export interface Policy {
  /** The PID of the command, which is also that of the process group it started with. */
  readonly command: number;
  /** Whether init is PID 1: the kernel kills everything that still runs when PID 1 ends (pid_namespaces(7)). */
  readonly first: boolean;
  /** Whether orphans become children of init: as PID 1, or as a subreaper. */
  readonly adopts: boolean;
  /** Whether init stops with the command, so that its shell notices: there is a terminal, and init is not PID 1. */
  readonly jobControl: boolean;
  /** Whether the command leads its own session, so that signals typed on init's terminal reach it only through init. */
  readonly session: boolean;
  readonly options: InitOptions;
}

/** What init knows. `step` never changes the state it is given, but returns a new one. */
export interface State {
  /** The exit code that init ends with; below 0 while the command runs. */
  code: number;
  /** When init kills what still runs; NEVER if no time has been set. */
  killAt: number;
  /** Whether that time has come, so that init kills whatever it finds from now on. */
  killing: boolean;
  /** When to look for new orphans; NEVER if init does not look at regular times. */
  lookAt: number;
  /** Whether the command was stopped and has not been continued since. */
  stopped: boolean;
  /** The orphans found at the last look that have not ended since; each was asked to end. */
  asked: readonly number[];
  /** The children that are left alone: those from before the command, and those that init may not signal. */
  spared: readonly number[];
}

/** What can happen to an init. */
export type Event =
  /** A signal was sent to init. */
  | { readonly kind: "signal"; readonly signal: number }
  /** The command has ended and was reaped; `code` is its exit code, or 128 + its signal. */
  | { readonly kind: "ended"; readonly code: number }
  /** Other children have ended and were reaped. */
  | { readonly kind: "reaped"; readonly pids: readonly number[] }
  /** The command was stopped. */
  | { readonly kind: "stopped" }
  /** There is no child left. */
  | { readonly kind: "childless" }
  /** These are the children. */
  | { readonly kind: "children"; readonly pids: readonly number[] }
  /** These processes may not be signalled. */
  | { readonly kind: "refused"; readonly pids: readonly number[] }
  /** The time that the state asks for has come. */
  | { readonly kind: "time" };

/** What an init does about an event. */
export type Action =
  /** Reap every child that has ended. */
  | { readonly kind: "reap" }
  /** Find out which children there are. */
  | { readonly kind: "look" }
  /** Send a signal to a process, to a process group (below -1), or to all processes (-1), which only PID 1 may do. */
  | { readonly kind: "kill"; readonly pid: number; readonly signal: number }
  /** Stop with the whole job that init is part of, so that its shell goes on. */
  | { readonly kind: "suspend" }
  /** Stop alone, until SIGCONT comes. */
  | { readonly kind: "stop" }
  /** Give the command the terminal, if the shell has given it to init. */
  | { readonly kind: "foreground" }
  /** End with this exit code; if init is PID 1, the kernel kills what still runs. */
  | { readonly kind: "exit"; readonly code: number };

export interface Step {
  readonly state: State;
  readonly actions: Action[];
}

export const NEVER = Number.POSITIVE_INFINITY;
/** kill(2): every process that may be signalled, except init itself. */
const ALL = -1;

/** How long processes may outlive the command by default, in milliseconds. */
const DEFAULT_GRACE = 10000;
/** How often --orphans reap looks for orphans, in milliseconds: the kernel does not tell init about new children. */
const LOOK_EVERY = 250;

/** The state of an init that has started the command; `spared` are the children from before. */
export function firstState(policy: Policy, spared: readonly number[], now: number): State {
  const lookAt = policy.options.orphans === "reap" ? now + LOOK_EVERY : NEVER;
  return { code: -1, killAt: NEVER, killing: false, lookAt, stopped: false, asked: [], spared };
}

/** What happens next. The state says when the `time` event is wanted: at `killAt` and at `lookAt`. */
export function step(policy: Policy, before: State, event: Event, now: number): Step {
  const next: Step = { state: { ...before }, actions: [] };
  switch (event.kind) {
    case "signal":
      onSignal(policy, next, event.signal, now);
      return next;
    case "ended":
      onEnd(policy, next, event.code, now);
      return next;
    case "reaped":
      forget(next.state, event.pids);
      return next;
    case "stopped":
      onStop(policy, next);
      return next;
    case "childless":
      if (next.state.code >= 0) exit(next, next.state.code);
      return next;
    case "children":
      onChildren(policy, next, event.pids);
      return next;
    case "refused":
      onRefused(policy, next, event.pids);
      return next;
    case "time":
      onTime(policy, next, now);
      return next;
  }
}

function onSignal(policy: Policy, next: Step, signal: number, now: number): void {
  const { state } = next;
  if (signal === SIGCHLD) {
    // One SIGCHLD may stand for several children that ended.
    next.actions.push({ kind: "reap" });
    if (isWatching(policy, state)) look(next);
    return;
  }
  const sent = rewritten(policy, signal);
  if (sent === 0 || state.code >= 0) return;
  // The terminal has stopped the command's whole group, so SIGCONT goes to the whole group.
  const continues = sent === SIGCONT && state.stopped;
  if (continues) state.stopped = false;
  if (sent === SIGCONT && policy.jobControl) next.actions.push({ kind: "foreground" });
  const isTyped = policy.session && policy.jobControl && isFromTerminal(sent);
  const toGroup = policy.options.killGroup || continues || isTyped;
  // SIGTSTP does not stop a process group that has no parent in its session ("orphaned" in setpgid(2)).
  const stops = isTyped && sent === SIGTSTP;
  kill(next, toGroup ? -policy.command : policy.command, stops ? SIGSTOP : sent);
  if (policy.options.sharesFate && stopsJob(signal) && !policy.jobControl) next.actions.push({ kind: "stop" });
  const { grace } = policy.options;
  const startsGrace = asksToEnd(signal) || asksToEnd(sent);
  if (grace !== undefined && startsGrace && state.killAt === NEVER && !state.killing) state.killAt = now + grace;
}

/** The command has ended. */
function onEnd(policy: Policy, next: Step, code: number, now: number): void {
  const { state } = next;
  state.code = reported(policy, code);
  state.lookAt = NEVER;
  const farewell = rewritten(policy, SIGTERM);
  if (policy.options.sharesFate && policy.options.killGroup && farewell > 0) kill(next, -policy.command, farewell);
  // Once the time is over, PID 1 has sent SIGKILL to every process, and an init that adopts nobody has no other child to
  // kill. A subreaper has only killed the command's group: the look below finds the orphans that it has to kill.
  const isDone = state.killing ? policy.first || !policy.adopts : policy.options.orphans === "leave";
  if (isDone) exit(next, state.code);
  else if (policy.first) ask(next, ALL);
  else look(next);
  if (state.killAt === NEVER && !state.killing) state.killAt = now + (policy.options.grace ?? DEFAULT_GRACE);
}

function onStop(policy: Policy, next: Step): void {
  next.state.stopped = true;
  if (policy.jobControl) next.actions.push({ kind: "suspend" });
}

function onTime(policy: Policy, next: Step, now: number): void {
  const { state } = next;
  if (now >= state.killAt) {
    state.killAt = NEVER;
    state.killing = true;
    if (state.code < 0) {
      kill(next, policy.first ? ALL : -policy.command, SIGKILL);
      // The command may have left its group.
      kill(next, policy.command, SIGKILL);
    } else if (policy.first) exit(next, state.code);
    if (isWatching(policy, state)) look(next);
  } else if (now >= state.lookAt) {
    state.lookAt = now + LOOK_EVERY;
    look(next);
  }
}

/**
 * Init signals only its own children here, because a child keeps its PID until init reaps it. When a child ends, the
 * children that it leaves become children of init, and the next look finds them.
 */
function onChildren(policy: Policy, next: Step, pids: readonly number[]): void {
  const { state } = next;
  if (!isWatching(policy, state)) return;
  const spared = new Set(state.spared);
  const asked = new Set(state.asked);
  const orphans: number[] = [];
  for (const pid of pids) {
    if (pid === policy.command || spared.has(pid)) continue;
    orphans.push(pid);
    if (state.killing) kill(next, pid, SIGKILL);
    else if (!asked.has(pid)) ask(next, pid);
  }
  state.asked = orphans;
  if (orphans.length === 0 && state.code >= 0) exit(next, state.code);
}

/** Init leaves alone, and does not wait for, a process of another user, such as a setuid program, that it may not signal. */
function onRefused(policy: Policy, next: Step, pids: readonly number[]): void {
  const { state } = next;
  const others: number[] = [];
  // A process that was sent two signals is listed twice.
  const met = new Set([policy.command]);
  for (const pid of pids) {
    if (met.has(pid)) continue;
    met.add(pid);
    others.push(pid);
  }
  // PID 1 may not kill a command that has become another user. The kernel kills it when PID 1 ends.
  if (has(pids, policy.command) && state.killing && policy.first) exit(next, reported(policy, 128 + SIGKILL));
  if (others.length === 0) return;
  state.spared = [...state.spared, ...others];
  state.asked = without(state.asked, others);
  // If init is waiting for nobody else now, it looks once more: other processes may have been orphaned meanwhile.
  if (state.asked.length === 0 && isWatching(policy, state)) look(next);
}

/** Whether it matters which children there are. */
function isWatching(policy: Policy, state: State): boolean {
  return state.lookAt !== NEVER || (policy.adopts && !policy.first && (state.killing || state.code >= 0));
}

/** The signal that is sent for a signal; 0 for none. */
function rewritten(policy: Policy, signal: number): number {
  let sent = isForwarded(signal) ? signal : 0;
  for (const { from, to } of policy.options.rewrites) if (from === signal) sent = to;
  return sent;
}

function reported(policy: Policy, code: number): number {
  return has(policy.options.okExits, code) ? 0 : code;
}

/** Asks a process to end; one that is stopped gets SIGTERM when it goes on. */
function ask(next: Step, pid: number): void {
  kill(next, pid, SIGTERM);
  kill(next, pid, SIGCONT);
}

function kill(next: Step, pid: number, signal: number): void {
  next.actions.push({ kind: "kill", pid, signal });
}

function look(next: Step): void {
  next.actions.push({ kind: "look" });
}

function exit(next: Step, code: number): void {
  next.actions.push({ kind: "exit", code });
}

/** Forgets children that were reaped: their PIDs may belong to other processes from now on. */
function forget(state: State, pids: readonly number[]): void {
  if (state.asked.length > 0) state.asked = without(state.asked, pids);
  if (state.spared.length > 0) state.spared = without(state.spared, pids);
}

function has(list: readonly number[], value: number): boolean {
  for (const one of list) if (one === value) return true;
  return false;
}

/** The numbers of the first list that are not in the second. */
function without(list: readonly number[], others: readonly number[]): number[] {
  const left = new Set(others);
  const rest: number[] = [];
  for (const one of list) if (!left.has(one)) rest.push(one);
  return rest;
}
