// The whole policy of an init, as a state machine: (policy, state, event, now) → (state, actions). It calls nothing;
// supervise.ts does what it says. Times are milliseconds of a clock that nobody sets.

import { SIGCHLD, SIGCONT, SIGKILL, SIGTERM } from "../kernel/signals.ts";
import type { InitOptions } from "./options.ts";
import { asksToEnd, isForwarded } from "./signals.ts";
import { exitCode } from "./status.ts";

/** What does not change while init runs. */
export interface Policy {
  /** The PID of the command, which is also that of the process group it started with. */
  readonly command: number;
  /** Whether init is PID 1: what still runs when it ends, ends with it. */
  readonly first: boolean;
  /** Whether orphans become children of init: as PID 1, or as a subreaper. */
  readonly adopts: boolean;
  /** Whether a shell has to know that the command was stopped: there is a terminal, and init is not PID 1. */
  readonly jobControl: boolean;
  readonly options: InitOptions;
}

/** What init knows. `step` never changes a state that it is given, but makes another. */
export interface State {
  /** What init ends with; below 0 while the command runs. */
  code: number;
  /** When what still runs is killed. */
  killAt: number;
  /** Whether that time has come. */
  killing: boolean;
  /** When to look for new orphans. */
  lookAt: number;
  /** Whether the command was stopped, and not continued since. */
  stopped: boolean;
  /** The children that were asked to end. */
  asked: readonly number[];
  /** The children that are let be: those from before the command, and those that init may not signal. */
  spared: readonly number[];
}

/** What can happen to an init. */
export interface Event {
  readonly kind: /** Signal `value` was sent to it. */
    | "signal"
    /** Child `pid`, the command or an adopted orphan, has ended with status word `value` and was reaped. */
    | "reaped"
    /** Child `pid` was stopped. */
    | "stopped"
    /** There is no child left. */
    | "alone"
    /** `pids` are the children. */
    | "children"
    /** Child `pid` may not be signalled. */
    | "refused"
    /** The time it asked for has come. */
    | "time";
  readonly pid: number;
  readonly value: number;
  readonly pids: readonly number[];
}

/** What an init does about it. */
export interface Action {
  readonly kind: /** Reap every child that has ended. */
    | "reap"
    /** Find out which children there are. */
    | "look"
    /** Send signal `value` to `pid`: below -1 a process group, -1 all processes there are, which only PID 1 may do. */
    | "kill"
    /** Stop with the whole job that init is part of, so that its shell goes on. */
    | "suspend"
    /** Give the command the terminal, if the shell has given it to init. */
    | "foreground"
    /** End with exit code `value`; where init is PID 1, the kernel kills what still runs. */
    | "exit";
  readonly pid: number;
  readonly value: number;
}

export interface Step {
  readonly state: State;
  readonly actions: Action[];
}

export const NEVER = Number.POSITIVE_INFINITY;
const ALL = -1;

/** How long what outlives the command has by default. */
const DEFAULT_GRACE = 10000;
/** How often --orphans reap looks for orphans: the kernel tells nobody that it has given init a child. */
const LOOK_EVERY = 250;

/** How an init begins, the command being started; `spared` are the children from before. */
export function firstState(policy: Policy, spared: readonly number[], now: number): State {
  const lookAt = policy.options.orphans === "reap" ? now + LOOK_EVERY : NEVER;
  return { code: -1, killAt: NEVER, killing: false, lookAt, stopped: false, asked: [], spared };
}

/** What happens next. The state says when the `time` event is wanted: at `killAt` and at `lookAt`. */
export function step(policy: Policy, before: State, event: Event, now: number): Step {
  const next: Step = { state: { ...before }, actions: [] };
  switch (event.kind) {
    case "signal":
      onSignal(policy, next, event.value, now);
      break;
    case "reaped":
      if (event.pid === policy.command) onEnd(policy, next, exitCode(event.value), now);
      else forget(next.state, event.pid);
      break;
    case "stopped":
      if (event.pid === policy.command) onStop(policy, next);
      break;
    case "alone":
      if (next.state.code >= 0) act(next, "exit", 0, next.state.code);
      break;
    case "children":
      onChildren(policy, next, event.pids);
      break;
    case "refused":
      onRefused(policy, next, event.pid);
      break;
    default:
      onTime(policy, next, now);
  }
  return next;
}

function onSignal(policy: Policy, next: Step, signal: number, now: number): void {
  const { state } = next;
  if (signal === SIGCHLD) {
    // Children may end faster than SIGCHLD can be told apart: one signal, as many children as there are.
    act(next, "reap", 0, 0);
    if (isWatching(policy, state)) act(next, "look", 0, 0);
    return;
  }
  const sent = rewritten(policy, signal);
  if (sent === 0 || state.code >= 0) return;
  // The terminal stops a whole group, so a whole group goes on.
  const continues = sent === SIGCONT && state.stopped;
  if (continues) state.stopped = false;
  if (sent === SIGCONT && policy.jobControl) act(next, "foreground", 0, 0);
  act(next, "kill", policy.options.killGroup || continues ? -policy.command : policy.command, sent);
  const grace = policy.options.grace;
  if (grace !== undefined && state.killAt === NEVER && !state.killing && (asksToEnd(signal) || asksToEnd(sent)))
    state.killAt = now + grace;
}

/** The command has ended. */
function onEnd(policy: Policy, next: Step, code: number, now: number): void {
  const { state } = next;
  state.code = reported(policy, code);
  state.lookAt = NEVER;
  // Where SIGKILL was sent, the rest has had it too, or init is a subreaper and gets to know them now.
  const isDone = state.killing ? policy.first || !policy.adopts : policy.options.orphans === "leave";
  if (isDone) act(next, "exit", 0, state.code);
  else if (policy.first) ask(next, ALL);
  else act(next, "look", 0, 0);
  const { grace } = policy.options;
  if (state.killAt === NEVER && !state.killing) state.killAt = now + (grace ?? DEFAULT_GRACE);
}

function onStop(policy: Policy, next: Step): void {
  next.state.stopped = true;
  if (policy.jobControl) act(next, "suspend", 0, 0);
}

function onTime(policy: Policy, next: Step, now: number): void {
  const { state } = next;
  if (now >= state.killAt) {
    state.killAt = NEVER;
    state.killing = true;
    if (state.code < 0) {
      act(next, "kill", policy.first ? ALL : -policy.command, SIGKILL);
      // The command may have left its group.
      act(next, "kill", policy.command, SIGKILL);
    } else if (policy.first) act(next, "exit", 0, state.code);
    if (isWatching(policy, state)) act(next, "look", 0, 0);
  } else if (now >= state.lookAt) {
    state.lookAt = now + LOOK_EVERY;
    act(next, "look", 0, 0);
  }
}

/** Only children are signalled, whose PIDs are theirs until init reaps them: when they end, their own become children. */
function onChildren(policy: Policy, next: Step, pids: readonly number[]): void {
  const { state } = next;
  if (!isWatching(policy, state)) return;
  const orphans: number[] = [];
  for (const pid of pids) {
    if (pid === policy.command || has(state.spared, pid)) continue;
    orphans.push(pid);
    if (state.killing) act(next, "kill", pid, SIGKILL);
    else if (!has(state.asked, pid)) ask(next, pid);
  }
  state.asked = orphans;
  if (orphans.length === 0 && state.code >= 0) act(next, "exit", 0, state.code);
}

function onRefused(policy: Policy, next: Step, pid: number): void {
  const { state } = next;
  if (pid !== policy.command) {
    state.spared = [...state.spared, pid];
    if (isWatching(policy, state)) act(next, "look", 0, 0);
    // The command is somebody else's by now, and as PID 1, init takes it along.
  } else if (state.killing && policy.first) act(next, "exit", 0, reported(policy, 128 + SIGKILL));
}

/** Whether it matters which children there are. */
function isWatching(policy: Policy, state: State): boolean {
  return state.lookAt !== NEVER || (policy.adopts && !policy.first && (state.killing || state.code >= 0));
}

/** What is sent for a signal: 0 for nothing. */
function rewritten(policy: Policy, signal: number): number {
  let sent = isForwarded(signal) ? signal : 0;
  for (const { from, to } of policy.options.rewrites) if (from === signal) sent = to;
  return sent;
}

function reported(policy: Policy, code: number): number {
  return has(policy.options.okExits, code) ? 0 : code;
}

/** A process that is stopped gets SIGTERM when it goes on. */
function ask(next: Step, pid: number): void {
  act(next, "kill", pid, SIGTERM);
  act(next, "kill", pid, SIGCONT);
}

/** The PID may be somebody else's from now on. */
function forget(state: State, pid: number): void {
  state.asked = without(state.asked, pid);
  state.spared = without(state.spared, pid);
}

function act(next: Step, kind: Action["kind"], pid: number, value: number): void {
  next.actions.push({ kind, pid, value });
}

function has(list: readonly number[], value: number): boolean {
  for (const one of list) if (one === value) return true;
  return false;
}

function without(list: readonly number[], value: number): number[] {
  const rest: number[] = [];
  for (const one of list) if (one !== value) rest.push(one);
  return rest;
}
