// The supervisor, driven by events that nobody arranged.

import type { InitOptions, Orphans, Rewrite } from "../../src/init/options.ts";
import {
  type Action,
  type Event,
  firstState,
  NEVER,
  type Policy,
  type State,
  step,
} from "../../src/init/supervisor.ts";
import { OWN, WARNING } from "../../src/init/voice.ts";
import { holds } from "./invariant.ts";
import type { Tape } from "./random.ts";

const COMMAND = 100;
const MOST_EVENTS = 40;

/** A policy and a row of events, as the tape decides; what the machine does about each. */
export function superviseBy(tape: Tape): string {
  const policy = policyBy(tape);
  const spared = pidsBy(tape, 3);
  let now = tape.byte();
  let state = firstState(policy, spared, now);
  let text = stateText(state);
  for (let events = 0; events < MOST_EVENTS && !tape.ended(); events++) {
    now += tape.below(4) * 137;
    const event = eventBy(tape);
    const before = stateText(state);
    const next = step(policy, state, event, now);
    holds(stateText(state) === before, "a step does not change the state that it is given");
    for (const action of next.actions) allow(policy, next.state, event, action);
    text += `\n${event.kind} ${actionsText(next.actions)} ${stateText(next.state)}`;
    state = next.state;
  }
  return text;
}

function policyBy(tape: Tape): Policy {
  const bits = tape.byte();
  const first = (bits & 1) !== 0;
  const fate = tape.below(3);
  const orphans: Orphans = fate === 0 ? "leave" : fate === 1 ? "stop" : "reap";
  const options: InitOptions = {
    killGroup: (bits & 2) !== 0,
    subreaper: (bits & 4) !== 0,
    okExits: (bits & 8) !== 0 ? [143, tape.byte()] : [],
    rewrites: rewritesBy(tape, bits >> 6),
    grace: (bits & 16) !== 0 ? tape.byte() * 10 : undefined,
    orphans,
    tool: OWN,
    verbosity: WARNING,
    warnsOfOrphans: false,
    sharesFate: (bits & 128) !== 0,
  };
  return {
    command: COMMAND,
    first,
    adopts: first || options.subreaper,
    jobControl: !first && (bits & 32) !== 0,
    session: (bits & 64) !== 0,
    options,
  };
}

function rewritesBy(tape: Tape, count: number): Rewrite[] {
  const rewrites: Rewrite[] = [];
  for (let i = 0; i < count; i++) rewrites.push({ from: 1 + tape.below(64), to: tape.below(65) });
  return rewrites;
}

/** PIDs near that of the command, so that the same ones come again. */
function pidsBy(tape: Tape, most: number): number[] {
  const pids: number[] = [];
  for (let left = tape.below(most + 1); left > 0; left--) pids.push(COMMAND + tape.below(8));
  return pids;
}

function eventBy(tape: Tape): Event {
  switch (tape.below(9)) {
    case 0:
      return { kind: "ended", code: tape.byte() };
    case 1:
      return { kind: "stopped" };
    case 2:
      return { kind: "childless" };
    case 3:
      return { kind: "children", pids: pidsBy(tape, 6) };
    case 4:
      return { kind: "refused", pids: pidsBy(tape, 4) };
    case 5:
      return { kind: "time" };
    case 6:
      return { kind: "reaped", pids: pidsBy(tape, 4) };
    default:
      return { kind: "signal", signal: 1 + tape.below(64) };
  }
}

/** What an init may do, whatever has happened. */
function allow(policy: Policy, state: State, event: Event, action: Action): void {
  if (action.kind === "exit") {
    holds(action.code >= 0 && action.code <= 255, "init ends with an exit code");
    holds(state.code >= 0 || state.killing, "init ends after the command, or after it was killed");
  }
  if (action.kind !== "kill") return;
  const { pid, signal } = action;
  holds(signal >= 1 && signal <= 64, "what init sends is a signal");
  holds(pid !== 0 && pid !== 1, "init does not signal itself");
  if (pid === -1) holds(policy.first, "only PID 1 signals everybody");
  else if (pid < 0) holds(pid === -policy.command, "the only group that is signalled is the command's");
  else if (pid !== policy.command) {
    let isChild = false;
    if (event.kind === "children") for (const one of event.pids) if (one === pid) isChild = true;
    holds(isChild, "besides the command, only children are signalled");
    for (const one of state.spared) holds(one !== pid, "a spared child is not signalled");
  }
}

function actionsText(actions: readonly Action[]): string {
  let text = "";
  for (const action of actions) {
    if (action.kind === "kill") text += `kill ${action.pid} ${action.signal};`;
    else if (action.kind === "exit") text += `exit ${action.code};`;
    else text += `${action.kind};`;
  }
  return text;
}

function stateText(state: State): string {
  const { code, killAt, killing, lookAt, stopped, asked, spared } = state;
  return `${code} ${timeText(killAt)} ${killing} ${timeText(lookAt)} ${stopped} [${asked.join(",")}] [${spared.join(",")}]`;
}

/** The static executable writes whole numbers only. */
function timeText(time: number): string {
  return time === NEVER ? "never" : `${time}`;
}
