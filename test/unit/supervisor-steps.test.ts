// The policy of an init, step by step: what it does about one event in one state.

import t from "tap";
import { DEFAULT_INIT_OPTIONS, type InitOptions } from "../../src/init/options.ts";
import {
  type Action,
  type Event,
  firstState,
  NEVER,
  type Policy,
  type State,
  step,
} from "../../src/init/supervisor.ts";

const COMMAND = 2;

interface Case {
  readonly name: string;
  readonly policy?: Partial<Policy>;
  readonly options?: Partial<InitOptions>;
  readonly state?: Partial<State>;
  readonly event: Event;
  readonly actions: readonly Action[];
  /** What of the state has changed to what; the rest is as it was. */
  readonly changes?: Partial<State>;
}

const NOW = 1000;
const kill = (pid: number, signal: number): Action => ({ kind: "kill", pid, signal });
const SUBREAPER = { first: false, adopts: true };

const CASES: readonly Case[] = [
  { name: "a signal goes to the command", event: { kind: "signal", signal: 15 }, actions: [kill(COMMAND, 15)] },
  {
    name: "--kill-group: to its group",
    options: { killGroup: true },
    event: { kind: "signal", signal: 15 },
    actions: [kill(-COMMAND, 15)],
  },
  { name: "what a fault raises is not forwarded", event: { kind: "signal", signal: 11 }, actions: [] },
  {
    name: "--rewrite: the last rule counts",
    options: {
      rewrites: [
        { from: 15, to: 2 },
        { from: 15, to: 3 },
      ],
    },
    event: { kind: "signal", signal: 15 },
    actions: [kill(COMMAND, 3)],
  },
  {
    name: "--rewrite to 0 drops it",
    options: { rewrites: [{ from: 15, to: 0 }] },
    event: { kind: "signal", signal: 15 },
    actions: [],
  },
  {
    name: "SIGCONT goes on with the whole group, as the terminal has stopped it",
    state: { stopped: true },
    event: { kind: "signal", signal: 18 },
    actions: [kill(-COMMAND, 18)],
    changes: { stopped: false },
  },
  {
    name: "SIGCONT gives the command the terminal that the shell gave to init",
    policy: { first: false, jobControl: true },
    event: { kind: "signal", signal: 18 },
    actions: [{ kind: "foreground" }, kill(COMMAND, 18)],
  },
  {
    name: "--grace starts with a signal that asks to end",
    options: { grace: 500 },
    event: { kind: "signal", signal: 1 },
    actions: [kill(COMMAND, 1)],
    changes: { killAt: NOW + 500 },
  },
  {
    name: "--grace starts with a signal that is forwarded as one that asks to end",
    options: { grace: 500, rewrites: [{ from: 10, to: 15 }] },
    event: { kind: "signal", signal: 10 },
    actions: [kill(COMMAND, 15)],
    changes: { killAt: NOW + 500 },
  },
  {
    name: "--grace starts once",
    options: { grace: 500 },
    state: { killAt: NOW + 1 },
    event: { kind: "signal", signal: 15 },
    actions: [kill(COMMAND, 15)],
  },
  {
    name: "--grace is over once: a signal starts no other",
    options: { grace: 500 },
    state: { killing: true },
    event: { kind: "signal", signal: 15 },
    actions: [kill(COMMAND, 15)],
  },
  { name: "a child has ended", event: { kind: "signal", signal: 17 }, actions: [{ kind: "reap" }] },
  {
    name: "a child has ended, and it matters which others there are",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 0 },
    event: { kind: "signal", signal: 17 },
    actions: [{ kind: "reap" }, { kind: "look" }],
  },
  {
    name: "a child has ended while all are killed: a subreaper gets to know new ones",
    policy: SUBREAPER,
    state: { killing: true },
    event: { kind: "signal", signal: 17 },
    actions: [{ kind: "reap" }, { kind: "look" }],
  },
  {
    name: "the command has ended",
    event: { kind: "ended", code: 3 },
    actions: [{ kind: "exit", code: 3 }],
    changes: { code: 3, killAt: NOW + 10_000 },
  },
  {
    name: "--ok-exit",
    options: { okExits: [3] },
    event: { kind: "ended", code: 3 },
    actions: [{ kind: "exit", code: 0 }],
    changes: { code: 0, killAt: NOW + 10_000 },
  },
  {
    name: "--orphans stop, as PID 1: all are asked to end, those that are stopped too",
    options: { orphans: "stop", grace: 700 },
    event: { kind: "ended", code: 0 },
    actions: [kill(-1, 15), kill(-1, 18)],
    changes: { code: 0, killAt: NOW + 700 },
  },
  {
    name: "--orphans stop, as a subreaper: init looks who is left",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    event: { kind: "ended", code: 0 },
    actions: [{ kind: "look" }],
    changes: { code: 0, killAt: NOW + 10_000 },
  },
  {
    name: "--orphans stop: the time that a signal has started goes on for what outlives the command",
    options: { orphans: "stop", grace: 700 },
    state: { killAt: NOW + 5 },
    event: { kind: "ended", code: 0 },
    actions: [kill(-1, 15), kill(-1, 18)],
    changes: { code: 0 },
  },
  {
    name: "--orphans stop: as PID 1 all were killed with the command",
    options: { orphans: "stop" },
    state: { killing: true },
    event: { kind: "ended", code: 137 },
    actions: [{ kind: "exit", code: 137 }],
    changes: { code: 137 },
  },
  {
    name: "--orphans stop: an init that adopts nobody knows nobody else to kill",
    policy: { first: false, adopts: false },
    options: { orphans: "stop" },
    state: { killing: true },
    event: { kind: "ended", code: 137 },
    actions: [{ kind: "exit", code: 137 }],
    changes: { code: 137 },
  },
  {
    name: "a subreaper kills what outlives a command that was killed",
    policy: SUBREAPER,
    options: { subreaper: true },
    state: { killing: true },
    event: { kind: "ended", code: 137 },
    actions: [{ kind: "look" }],
    changes: { code: 137 },
  },
  {
    name: "an orphan has ended: its PID may be another's next",
    state: { asked: [5, 6], spared: [7] },
    event: { kind: "reaped", pids: [5] },
    actions: [],
    changes: { asked: [6] },
  },
  {
    name: "a child that was spared has ended",
    state: { asked: [5], spared: [7] },
    event: { kind: "reaped", pids: [7] },
    actions: [],
    changes: { spared: [] },
  },
  { name: "no child is left, and the command runs: somebody else reaps it", event: { kind: "childless" }, actions: [] },
  {
    name: "no child is left",
    state: { code: 4 },
    event: { kind: "childless" },
    actions: [{ kind: "exit", code: 4 }],
  },
  {
    name: "children: new orphans are asked, once",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 0, asked: [5], spared: [7] },
    event: { kind: "children", pids: [COMMAND, 5, 6, 7] },
    actions: [kill(6, 15), kill(6, 18)],
    changes: { asked: [5, 6] },
  },
  {
    name: "children: killed when their time is over",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 0, asked: [5], killing: true },
    event: { kind: "children", pids: [5, 6] },
    actions: [kill(5, 9), kill(6, 9)],
    changes: { asked: [5, 6] },
  },
  {
    name: "children: none but the spared",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 8, spared: [7] },
    event: { kind: "children", pids: [7] },
    actions: [{ kind: "exit", code: 8 }],
  },
  {
    name: "refused: others are still waited for, without another look",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 0, asked: [5, 6] },
    event: { kind: "refused", pids: [5, 5] },
    actions: [],
    changes: { asked: [6], spared: [5] },
  },
  {
    name: "refused: nobody is left to wait for, so one more look",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 0, asked: [5, 6] },
    event: { kind: "refused", pids: [5, 6] },
    actions: [{ kind: "look" }],
    changes: { asked: [], spared: [5, 6] },
  },
  {
    name: "refused: who was spared before still is",
    policy: SUBREAPER,
    options: { orphans: "stop" },
    state: { code: 0, asked: [5, 6], spared: [7] },
    event: { kind: "refused", pids: [5] },
    actions: [],
    changes: { asked: [6], spared: [7, 5] },
  },
  {
    name: "refused: a signal that the command may not be sent changes nothing",
    event: { kind: "refused", pids: [COMMAND] },
    actions: [],
  },
  {
    name: "refused: a subreaper waits for a command that is somebody else's",
    policy: SUBREAPER,
    state: { killing: true },
    event: { kind: "refused", pids: [COMMAND] },
    actions: [],
  },
  {
    name: "refused: --ok-exit holds for a command that PID 1 takes along",
    options: { okExits: [137] },
    state: { killing: true },
    event: { kind: "refused", pids: [COMMAND] },
    actions: [{ kind: "exit", code: 0 }],
  },
  {
    name: "refused: PID 1 takes along a command that is somebody else's",
    options: { grace: 1 },
    state: { killing: true },
    event: { kind: "refused", pids: [COMMAND] },
    actions: [{ kind: "exit", code: 137 }],
  },
  {
    name: "dumb-init: what is left of the command's group is asked to end, as SIGTERM is rewritten",
    policy: { first: false },
    options: { sharesFate: true, killGroup: true, rewrites: [{ from: 15, to: 2 }] },
    event: { kind: "ended", code: 0 },
    actions: [kill(-COMMAND, 2), { kind: "exit", code: 0 }],
    changes: { code: 0, killAt: NOW + 10_000 },
  },
  {
    name: "dumb-init stops with what it has asked to stop",
    policy: { first: false },
    options: { sharesFate: true, killGroup: true, rewrites: [{ from: 20, to: 19 }] },
    event: { kind: "signal", signal: 20 },
    actions: [kill(-COMMAND, 19), { kind: "stop" }],
  },
  {
    name: "the command is stopped, and its shell has to know",
    policy: { first: false, jobControl: true },
    event: { kind: "stopped" },
    actions: [{ kind: "suspend" }],
    changes: { stopped: true },
  },
  {
    name: "the time of the command is over",
    state: { killAt: NOW },
    event: { kind: "time" },
    actions: [kill(-1, 9), kill(COMMAND, 9)],
    changes: { killAt: NEVER, killing: true },
  },
  {
    name: "the time of the command is over, init is not PID 1",
    policy: { first: false, adopts: false },
    state: { killAt: NOW },
    event: { kind: "time" },
    actions: [kill(-COMMAND, 9), kill(COMMAND, 9)],
    changes: { killAt: NEVER, killing: true },
  },
  {
    name: "the time of what outlives the command is over",
    options: { orphans: "stop" },
    state: { killAt: NOW, code: 6 },
    event: { kind: "time" },
    actions: [{ kind: "exit", code: 6 }],
    changes: { killAt: NEVER, killing: true },
  },
  {
    name: "--orphans reap: the next look is due",
    options: { orphans: "reap" },
    state: { lookAt: NOW },
    event: { kind: "time" },
    actions: [{ kind: "look" }],
    changes: { lookAt: NOW + 250 },
  },
];

for (const { name, policy, options, state, event, actions, changes } of CASES)
  void t.test(name, async (t) => {
    const all: InitOptions = { ...DEFAULT_INIT_OPTIONS, ...options };
    const whole: Policy = {
      command: COMMAND,
      first: true,
      adopts: true,
      jobControl: false,
      session: false,
      ...policy,
      options: all,
    };
    const before: State = { ...firstState(whole, [], NOW), ...state };
    const next = step(whole, before, event, NOW);
    t.strictSame(next.actions, actions);
    t.strictSame(next.state, {
      ...before,
      ...(event.kind === "ended" ? { lookAt: NEVER } : {}),
      ...changes,
    });
  });
