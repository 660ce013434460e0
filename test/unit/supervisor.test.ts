// Being PID 1, as a whole and without a kernel: what an init does in a world of processes, whatever happens there.

import fc from "fast-check";
import t from "tap";
import { DEFAULT_INIT_OPTIONS, type InitOptions, type Orphans, type Rewrite } from "../../src/init/options.ts";
import { isForwarded } from "../../src/init/signals.ts";
import { supervise } from "../../src/init/supervise.ts";
import { type Action, type Event, firstState, type Policy, type State, step } from "../../src/init/supervisor.ts";
import { TINI } from "../../src/init/voice.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { Exited, fakeKernel } from "../support/fake-kernel.ts";
import { World } from "../support/world.ts";

interface Setting {
  readonly first: boolean;
  readonly subreaper: boolean;
  readonly jobControl: boolean;
  readonly options: Partial<InitOptions>;
}

const setting = fc.record({
  first: fc.boolean(),
  subreaper: fc.boolean(),
  jobControl: fc.boolean(),
  options: fc.record({
    killGroup: fc.boolean(),
    grace: fc.constantFrom(undefined, 0, 500, 3000),
    okExits: fc.subarray([0, 3, 137, 143]),
    rewrites: fc.constantFrom<Rewrite[]>(
      [],
      [{ from: 15, to: 3 }],
      [{ from: 15, to: 0 }],
      [
        { from: 1, to: 15 },
        { from: 2, to: 2 },
      ],
      [{ from: 64, to: 9 }],
    ),
    orphans: fc.constantFrom<Orphans>("leave", "stop", "reap"),
  }),
});

type Happening =
  | { readonly what: "signal"; readonly signal: number }
  | {
      readonly what: "fork";
      readonly by: number;
      readonly ignoresTerm: boolean;
      readonly ownGroup: boolean;
      readonly foreign: boolean;
    }
  | { readonly what: "end"; readonly which: number; readonly status: number }
  | { readonly what: "stop"; readonly which: number }
  | { readonly what: "pass"; readonly milliseconds: number };

const which = fc.nat({ max: 20 });
const status = fc.constantFrom(0, 3 << 8, 143 << 8, 6, 11);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    what: fc.constant("signal" as const),
    signal: fc.oneof(fc.integer({ min: 1, max: 64 }), fc.constantFrom(1, 2, 15, 17, 18)),
  }),
  fc.record({
    what: fc.constant("fork" as const),
    by: which,
    ignoresTerm: fc.boolean(),
    ownGroup: fc.boolean(),
    foreign: fc.constant(false),
  }),
  fc.record({ what: fc.constant("end" as const), which, status }),
  fc.record({ what: fc.constant("stop" as const), which }),
  fc.record({ what: fc.constant("pass" as const), milliseconds: fc.nat({ max: 2000 }) }),
);

/** The descriptor of the list of children. */
const LIST = 9;

function begin(given: Setting): { world: World; policy: Policy } {
  const options: InitOptions = { ...DEFAULT_INIT_OPTIONS, ...given.options };
  const adopts = given.first || given.subreaper || options.orphans !== "leave";
  const world = new World(given.first, adopts);
  const policy = {
    command: world.command,
    first: given.first,
    adopts,
    jobControl: given.jobControl,
    session: false,
    options,
  };
  supervise(world.kernel(), policy, {
    terminal: { fd: given.jobControl ? 0 : -1, group: 7 },
    children: LIST,
    spared: [],
  });
  return { world, policy };
}

function happen(world: World, event: Happening): void {
  const running = world.running();
  const pick = (at: number): number => running[at % Math.max(1, running.length)] ?? -1;
  switch (event.what) {
    case "signal":
      world.signal(event.signal);
      return;
    case "fork":
      if (running.length > 0) world.fork(pick(event.by), event.ignoresTerm, event.ownGroup, event.foreign);
      return;
    case "end":
      world.end(pick(event.which), event.status);
      break;
    case "stop":
      world.stop(pick(event.which));
      break;
    case "pass":
      world.pass(event.milliseconds);
  }
  world.settle();
}

const RUNS = { numRuns: 3000 };

/** What init has to end with, after a command that ended so (POSIX sh, 2.8.2), unless --ok-exit makes it 0. */
function codeOf(world: World, okExits: readonly number[]): number {
  const signal = world.commandStatus % 128;
  const code = signal > 0 ? 128 + signal : Math.floor(world.commandStatus / 256);
  return okExits.includes(code) ? 0 : code;
}

void t.test("whatever happens", async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(setting, fc.array(happening, { maxLength: 40 }), (given, events) => {
        const { world, policy } = begin(given);
        for (const event of events) {
          const sentBefore = world.sent.length;
          const alive = !world.commandGone && world.exitCode < 0;
          happen(world, event);
          if (world.exitCode < 0 && world.zombies().length > 0) throw new Error(`not reaped: ${world.zombies()}`);
          if (event.what !== "signal") continue;
          // Neither lost nor doubled: what arrives while the command is there is sent to it once, as it is or rewritten.
          const rule = policy.options.rewrites.findLast(({ from }) => from === event.signal);
          const wanted = rule === undefined ? event.signal : rule.to;
          const isSent = alive && isForwarded(event.signal) && wanted !== 0;
          const fresh = world.sent.slice(sentBefore);
          if (isSent && fresh[0] !== wanted) throw new Error(`${event.signal} lost`);
          if (!isSent && fresh.length > 0) throw new Error(`${event.signal} sent as ${fresh}`);
          if (isSent && policy.options.grace !== 0 && fresh.length !== 1)
            throw new Error(`${event.signal} doubled: ${fresh}`);
        }
        if (world.wrongs.length > 0) throw new Error(world.wrongs.join("; "));
        if (world.exitCode >= 0 && !world.commandGone) throw new Error("ended before the command");
        if (world.exitCode >= 0 && world.exitCode !== codeOf(world, policy.options.okExits))
          throw new Error(`exit code ${world.exitCode} after status ${world.commandStatus}`);
        if (world.commandGone && policy.options.orphans === "leave" && !given.subreaper && world.exitCode < 0)
          throw new Error("did not end with the command");
      }),
      RUNS,
    ),
  );
});

void t.test("it ends, whoever ignores SIGTERM", async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(setting, fc.array(happening, { maxLength: 30 }), (given, events) => {
        const { world, policy } = begin(given);
        for (const event of events) happen(world, event);
        // Generations of daemons may need one look each, and nobody forks any more.
        world.end(world.command, 3 << 8);
        world.pass(60_000);
        if (world.exitCode < 0) throw new Error("still there");
        if (world.exitCode !== codeOf(world, policy.options.okExits)) throw new Error(`exit code ${world.exitCode}`);
        if (world.wrongs.length > 0) throw new Error(world.wrongs.join("; "));
        if (policy.options.orphans !== "leave" && !given.first) {
          const left = world.children();
          if (left.length > 0) throw new Error(`left behind: ${left}`);
        }
      }),
      RUNS,
    ),
  );
});

void t.test("children that may not be signalled are neither waited for nor asked twice", async (t) => {
  const foreign = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(setting, foreign, (given, whose) => {
        const { world } = begin({ ...given, options: { ...given.options, orphans: "stop" } });
        for (const isForeign of whose) world.fork(world.command, true, true, isForeign);
        world.end(world.command, 0);
        world.pass(60_000);
        if (world.exitCode < 0) throw new Error("still there");
        if (world.wrongs.length > 0) throw new Error(world.wrongs.join("; "));
      }),
      RUNS,
    ),
  );
});

void t.test("however many may not be signalled: they are looked for once, and once more", async (t) => {
  for (const orphans of ["leave", "stop"] as const) {
    const options: InitOptions = { ...DEFAULT_INIT_OPTIONS, grace: 1000, subreaper: true, orphans };
    const world = new World(false, true);
    for (let i = 0; i < 600; i++) world.fork(world.init, true, true, true);
    supervise(
      world.kernel(),
      {
        command: 2,
        first: false,
        adopts: true,
        jobControl: false,
        session: false,
        options: { ...options, rewrites: [{ from: 15, to: 10 }] },
      },
      { terminal: { fd: -1, group: 7 }, children: LIST, spared: [] },
    );
    world.signal(15);
    world.pass(60_000);
    t.equal(world.exitCode, 137);
    t.ok(world.looks <= 4, `${orphans}: ${world.looks} looks`);
    t.strictSame(world.wrongs, []);
  }
});

void t.test("--grace", async (t) => {
  const killed = begin({
    first: true,
    subreaper: false,
    jobControl: false,

    options: { grace: 3000 },
  }).world;
  killed.signal(15);
  killed.pass(2000);
  killed.signal(15);
  killed.pass(900);
  t.strictSame([...killed.sent], [15], "SIGTERM ended a command that does not ignore it");

  for (const first of [true, false]) {
    const { world } = begin({
      first,
      subreaper: false,
      jobControl: false,

      options: { grace: 3000, rewrites: [{ from: 15, to: 10 }] },
    });
    world.signal(15);
    world.pass(2999);
    t.equal(world.exitCode, -1, "not before its time");
    world.signal(2);
    world.pass(1);
    t.equal(world.exitCode, 137, "137, counted from the first signal");
    t.strictSame(world.wrongs, []);
  }
});

void t.test("a signal that does not ask for the end starts no grace", async (t) => {
  const { world } = begin({
    first: true,
    subreaper: false,
    jobControl: false,

    options: { grace: 100 },
  });
  for (const signal of [10, 12, 28, 18, 40]) world.signal(signal);
  world.pass(10_000);
  t.equal(world.exitCode, -1);
  t.strictSame(world.sent, [10, 12, 28, 18, 40]);
});

void t.test("--orphans reap asks orphans to end while the command runs, and no others", async (t) => {
  const { world } = begin({
    first: true,
    subreaper: false,
    jobControl: false,

    options: { orphans: "reap" },
  });
  world.fork(world.command, false, true, false);
  world.fork(3, false, true, false);
  world.pass(1000);
  t.strictSame(world.running(), [2, 3, 4], "children of the command stay");
  world.end(3, 0);
  world.pass(300);
  t.strictSame(world.running(), [2], "the orphan does not");
  t.equal(world.exitCode, -1);
});

void t.test("children from before the command are spared", async (t) => {
  const options: InitOptions = { ...DEFAULT_INIT_OPTIONS, orphans: "reap" };
  const world = new World(false, true);
  world.fork(world.init, false, true, false);
  supervise(
    world.kernel(),
    { command: 2, first: false, adopts: true, jobControl: false, session: false, options },
    { terminal: { fd: -1, group: 7 }, children: LIST, spared: [3] },
  );
  world.pass(1000);
  world.end(2, 0);
  world.pass(1000);
  t.strictSame(world.running(), [3]);
  t.equal(world.exitCode, 0);
});

void t.test("job control", async (t) => {
  for (const jobControl of [true, false]) {
    const { world } = begin({ first: false, subreaper: false, jobControl, options: {} });
    world.fork(2, false, false, false);
    world.stop(3);
    world.stop(2);
    world.settle();
    t.equal(world.suspended, jobControl ? 1 : 0, "stops with the command, where there is a terminal");
    world.signal(18);
    t.strictSame(world.sent, [18]);
  }
});

void t.test("a step changes nothing that it is given", async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(setting, fc.array(fc.nat({ max: 6 })), fc.nat({ max: 64 }), (given, pids, value) => {
        const { policy } = begin(given);
        const state: State = {
          code: value % 2 === 0 ? -1 : 0,
          killAt: 5,
          killing: value % 3 === 0,
          lookAt: 5,
          stopped: false,
          asked: pids,
          spared: pids,
        };
        const before = JSON.stringify(state);
        const events: Event[] = [
          { kind: "signal", signal: value },
          { kind: "ended", code: value },
          { kind: "reaped", pids },
          { kind: "stopped" },
          { kind: "childless" },
          { kind: "children", pids },
          { kind: "refused", pids },
          { kind: "time" },
        ];
        for (const event of events) step(policy, state, event, 9);
        if (JSON.stringify(state) !== before) throw new Error("changed");
      }),
    ),
  );
});

void t.test("a command that ends at the last moment has ended in time", async (t) => {
  const { world } = begin({
    first: true,
    subreaper: false,
    jobControl: false,

    options: { grace: 1000, rewrites: [{ from: 15, to: 10 }] },
  });
  world.signal(15);
  world.end(2, 3 << 8);
  world.oversleep(5000);
  t.equal(world.exitCode, 3);
});

void t.test("a command that has become somebody else's", async (t) => {
  for (const first of [true, false]) {
    const options: InitOptions = { ...DEFAULT_INIT_OPTIONS, grace: 1000 };
    const world = new World(first, first, true);
    supervise(
      world.kernel(),
      { command: 2, first, adopts: first, jobControl: false, session: false, options },
      { terminal: { fd: -1, group: 7 }, children: LIST, spared: [] },
    );
    world.signal(15);
    world.pass(60_000);
    t.equal(world.exitCode, first ? 137 : -1, "PID 1 takes it along, a mere parent waits for it");
  }
});

void t.test("a PID that comes again is another process", async (t) => {
  const options: InitOptions = { ...DEFAULT_INIT_OPTIONS, orphans: "reap" };
  const world = new World(true, true);
  world.fork(world.init, false, true, false);
  supervise(
    world.kernel(),
    { command: 2, first: true, adopts: true, jobControl: false, session: false, options },
    { terminal: { fd: -1, group: 7 }, children: LIST, spared: [3] },
  );
  world.end(3, 0);
  world.settle();
  world.fork(world.command, false, true, false);
  world.fork(3, false, true, false);
  world.end(3, 0);
  world.pass(1000);
  world.fork(world.init, false, true, false);
  t.strictSame(world.running(), [2, 3]);
  world.pass(1000);
  t.strictSame(world.running(), [2]);
});

interface Driven {
  /** What was sent, as `PID SIGNAL`. */
  readonly sent: readonly string[];
  /** The code that init has ended with; -1 where it has not. */
  readonly code: number;
}

/** A kernel for an init without a world: what it answers is made up, and what it is told to send is written down. */
class Driver {
  readonly sent: string[] = [];
  now = 0;
  /** The children that `reap` reports next. */
  reaped: { pid: number; status: number }[] = [];
  kill: (pid: number) => number = () => 0;

  /** Runs init on these wake-ups; each may change the kernel before it says which signal has come. */
  run(given: Partial<InitOptions>, wakeUps: readonly (() => number)[], overrides: Partial<Kernel> = {}): Driven {
    const kernel = fakeKernel(
      {},
      {
        monotonic: () => this.now,
        kill: (pid, signal) => {
          this.sent.push(`${pid} ${signal}`);
          return this.kill(pid);
        },
        reap: () => this.reaped.shift() ?? { pid: 0, status: 0 },
        onSignals(handle) {
          for (const wakeUp of wakeUps) handle(wakeUp());
          return 0;
        },
        ...overrides,
      },
    );
    const policy = { command: 2, first: true, adopts: true, jobControl: false, session: false };
    const options = { ...DEFAULT_INIT_OPTIONS, ...given };
    try {
      supervise(kernel, { ...policy, options }, { terminal: { fd: -1, group: 7 }, children: LIST, spared: [] });
    } catch (error) {
      if (error instanceof Exited) return { sent: this.sent, code: error.code };
      throw error;
    }
    return { sent: this.sent, code: -1 };
  }
}

const send = (signal: number) => (): number => signal;

void t.test("a command that has left its group is signalled itself", async (t) => {
  const driver = new Driver();
  driver.kill = (pid) => (pid < 0 ? -3 : 0);
  t.strictSame(driver.run({ killGroup: true }, [send(15)]).sent, ["-2 15", "2 15"]);
});

void t.test("where there is nobody left to signal, PID 1 does not signal itself", async (t) => {
  const driver = new Driver();
  driver.kill = () => -3;
  driver.reaped = [{ pid: 2, status: 0 }];
  t.strictSame(driver.run({ orphans: "stop" }, [send(17)]).sent, ["-1 15", "-1 18"]);
});

void t.test("a command that is not there any more is not somebody else's", async (t) => {
  const driver = new Driver();
  driver.kill = () => -3;
  t.equal(driver.run({ grace: 0 }, [send(15)]).code, -1);
});

void t.test(
  "init ends when it has no child left, although one that it does not know of was to be waited for",
  async (t) => {
    const driver = new Driver();
    driver.reaped = [
      { pid: 2, status: 5 << 8 },
      { pid: -10, status: 0 },
    ];
    t.equal(driver.run({ orphans: "stop" }, [send(17)]).code, 5);
  },
);

void t.test("the time is over although other signals keep coming", async (t) => {
  const driver = new Driver();
  const late = (): number => {
    driver.now = 2000;
    return 10;
  };
  t.strictSame(driver.run({ grace: 1000 }, [send(15), late]).sent, ["2 15", "2 10", "-1 9", "2 9"]);
});

void t.test("a command that has ended when its time is over has ended in time, before its SIGCHLD", async (t) => {
  for (const [signal, kill] of [
    [0, (): number => 0],
    [10, (): number => 0],
    // Somebody else's by now, it would be taken for one that has to be killed.
    [0, (): number => -1],
  ] as const) {
    const driver = new Driver();
    driver.kill = kill;
    const late = (): number => {
      driver.now = 2000;
      driver.reaped = [{ pid: 2, status: 3 << 8 }];
      return signal;
    };
    const { sent, code } = driver.run({ grace: 1000 }, [send(15), late]);
    t.equal(code, 3);
    t.notOk(
      sent.some((one) => one.endsWith(" 9")),
      "nothing is killed",
    );
  }
});

void t.test("what the kernel refuses init itself", async (t) => {
  t.throws(() => new Driver().run({ grace: 1 }, [], { monotonic: () => -1 }), {
    code: 125,
    message: "cannot tell the time: clock_gettime: operation not permitted",
  });
  t.throws(() => new Driver().run({}, [], { onSignals: () => -1 }), {
    code: 125,
    message: "cannot wait for signals: operation not permitted",
  });
  // What fails while init runs is reported by init itself: in Node, the event loop has called it.
  const said: string[] = [];
  const write = (_fd: number, bytes: Uint8Array): number => {
    said.push(Buffer.from(bytes).toString());
    return 0;
  };
  const { code } = new Driver().run({}, [send(17)], { reap: () => ({ pid: -1, status: 0 }), write });
  t.equal(code, 125);
  t.match(said.join(""), /^tsgosu: cannot wait for children: operation not permitted\ntsgosu: hint: .*wait4/);

  said.length = 0;
  const lost = new Driver().run({}, [send(17)], { reap: () => ({ pid: -10, status: 0 }), write });
  t.equal(lost.code, 125, "the command is gone, and nobody says how it ended");
  t.match(said.join(""), /^tsgosu: cannot wait for the command: no child processes\ntsgosu: hint: .*wait4/);
});

void t.test("what the kernel refuses init for the command is said once", async (t) => {
  const said: string[] = [];
  const write = (_fd: number, bytes: Uint8Array): number => {
    said.push(Buffer.from(bytes).toString());
    return 0;
  };
  const driver = new Driver();
  driver.kill = () => -1;
  driver.run({}, [send(15), send(15), send(1)], { write });
  t.same(said, ["tsgosu: signal 15 cannot be sent to the command: operation not permitted\n"]);

  said.length = 0;
  const orphans = new Driver();
  orphans.reaped = [{ pid: 2, status: 0 }];
  orphans.kill = () => -1;
  orphans.run({ orphans: "stop" }, [send(17)], { write });
  t.same(said, ["tsgosu: signal 15 cannot be sent to what still runs: operation not permitted\n"]);

  said.length = 0;
  const later = (): number => {
    blind.now += 10_000;
    return 0;
  };
  const blind = new Driver();
  const unreadable = { write, getpid: () => 7, rewind: () => -5 };
  new Driver().run({ orphans: "reap" }, [], unreadable);
  t.same(said, [], "not before init looks");
  blind.run({ orphans: "reap" }, [later], unreadable);
  t.equal(said.splice(0).length, 1, "when it looks first");
  blind.now = 0;
  blind.run({ orphans: "reap" }, [later, later], { write, getpid: () => 7, rewind: () => -5 });
  t.same(said, ["tsgosu: orphans cannot be found: /proc/self/task/7/children: input/output error\n"]);
});

/** A shell's job in which init is, on a terminal, from Ctrl-Z to the end: which group the terminal belonged to, and when. */
void t.test("the terminal goes to who works on it", async (t) => {
  const [init, command, shell] = [7, 2, 99];
  let foreground = command;
  const seen: string[] = [];
  const reaped: { pid: number; status: number }[] = [];
  const wakeUps: (() => number)[] = [
    () => {
      reaped.push({ pid: command, status: 0x147f });
      return 17;
    },
    // bg: the shell stays in the foreground.
    () => {
      foreground = shell;
      return 18;
    },
    () => {
      seen.push(`bg: ${foreground}`);
      foreground = init;
      return 18;
    },
    () => {
      seen.push(`fg: ${foreground}`);
      reaped.push({ pid: command, status: 4 << 8 });
      return 17;
    },
  ];
  const kernel = fakeKernel(
    {},
    {
      monotonic: () => 0,
      tcgetpgrp: (fd) => (fd === 1 ? foreground : -25),
      tcsetpgrp(fd, group) {
        if (fd === 1) foreground = group;
        return 0;
      },
      suspend() {
        seen.push(`suspended: ${foreground}`);
        return 0;
      },
      reap: () => reaped.shift() ?? { pid: 0, status: 0 },
      onSignals(handle) {
        for (const wakeUp of wakeUps) handle(wakeUp());
        return 0;
      },
    },
  );
  const policy = { command, first: false, adopts: false, options: DEFAULT_INIT_OPTIONS };
  t.throws(
    () =>
      supervise(
        kernel,
        { ...policy, jobControl: true, session: false },
        { terminal: { fd: 1, group: init }, children: LIST, spared: [] },
      ),
    new Exited(4),
  );
  t.strictSame(seen, [`suspended: ${init}`, `bg: ${shell}`, `fg: ${command}`]);
  t.equal(foreground, init, "the next program of a script is not in the background");

  foreground = command;
  reaped.push({ pid: command, status: 0 });
  wakeUps.splice(0, wakeUps.length, send(17));
  t.throws(
    () =>
      supervise(
        kernel,
        { ...policy, jobControl: false, session: false },
        { terminal: { fd: 1, group: init }, children: LIST, spared: [] },
      ),
    new Exited(0),
  );
  t.equal(foreground, command, "without a shell above init, the terminal stays where it is");
});

void t.test("what the kernel does not let init send, for no reason that init knows, ends it", async (t) => {
  const said: string[] = [];
  const write = (_fd: number, bytes: Uint8Array): number => {
    said.push(Buffer.from(bytes).toString());
    return 0;
  };
  const driver = new Driver();
  driver.kill = () => -38;
  t.equal(driver.run({}, [send(15)], { write }).code, 125);
  t.match(said.join(""), /^tsgosu: cannot send signals: unknown to this kernel\ntsgosu: hint: .* refuses kill, /);
});

void t.test("what init says of its work, as far as it is asked to", async (t) => {
  const told = (verbosity: number, given: Partial<InitOptions> = {}): string[] => {
    const said: string[] = [];
    const driver = new Driver();
    const ended = (): number => {
      driver.reaped = [
        { pid: 9, status: 0 },
        { pid: 8, status: 0x137f },
        { pid: 2, status: 3 << 8 },
      ];
      return 17;
    };
    const write = (_fd: number, bytes: Uint8Array): number => {
      said.push(Buffer.from(bytes).toString().trimEnd());
      return 0;
    };
    driver.run({ tool: TINI, verbosity, ...given }, [send(15), ended], { write });
    return said;
  };
  const ended = "[INFO  tini (7)] Main child exited (with status '3')";
  t.same(told(0), []);
  t.same(told(1), []);
  t.same(told(2), [ended]);
  t.same(told(3), [
    "[DEBUG tini (7)] Received signal 15",
    "[DEBUG tini (7)] Sending signal 15 to 2",
    "[DEBUG tini (7)] Received signal 17",
    "[DEBUG tini (7)] Reaped zombie process with pid=9",
    ended,
  ]);
  t.same(told(1, { warnsOfOrphans: true }), ["[WARN  tini (7)] Reaped zombie process with pid=9"]);
  t.same(told(0, { warnsOfOrphans: true }), []);
});

void t.test("dumb-init stops with its command, where no shell does that", async (t) => {
  for (const [given, signal, stops] of [
    [{ sharesFate: true }, 20, true],
    [{ sharesFate: true }, 21, true],
    [{ sharesFate: true }, 22, true],
    [{ sharesFate: true }, 15, false],
    [{}, 20, false],
  ] as const) {
    const { sent } = new Driver().run(given, [send(signal)]);
    t.strictSame(sent, [`2 ${signal}`, ...(stops ? ["7 19"] : [])]);
  }
});

void t.test("what is typed on init's terminal reaches the whole group of a command in its own session", async (t) => {
  const typed = (signal: number, session: boolean, jobControl: boolean): string => {
    const kernel = fakeKernel(
      {},
      {
        kill: (pid, sent) => {
          said.push(`${pid} ${sent}`);
          return 0;
        },
        onSignals: (handle) => {
          handle(signal);
          return 0;
        },
      },
    );
    const said: string[] = [];
    const policy = { command: 2, first: false, adopts: false, jobControl, session, options: DEFAULT_INIT_OPTIONS };
    supervise(kernel, policy, { terminal: { fd: 0, group: 7 }, children: LIST, spared: [] });
    return said.join(", ");
  };
  for (const signal of [2, 3, 28]) {
    t.equal(typed(signal, true, true), `-2 ${signal}`);
    t.equal(typed(signal, false, true), `2 ${signal}`, "the terminal has sent it to its own session's group");
    t.equal(typed(signal, true, false), `2 ${signal}`, "there is no terminal");
  }
  t.equal(typed(20, true, true), "-2 19", "Ctrl-Z stops a group that SIGTSTP would not");
  t.equal(typed(20, false, true), "2 20");
  t.equal(typed(15, true, true), "2 15", "nobody types SIGTERM");
});

void t.test("a wait that is interrupted goes on, but not for ever", async (t) => {
  const interruptions = (count: number): number => {
    const driver = new Driver();
    driver.reaped = [...Array.from({ length: count }, () => ({ pid: -4, status: 0 })), { pid: 2, status: 7 << 8 }];
    return driver.run({}, [send(17)], { write: () => 0 }).code;
  };
  t.strictSame([interruptions(1), interruptions(1000), interruptions(1001)], [7, 7, 125]);
});

void t.test("whom a signal does not reach, and whom it must not reach instead", async (t) => {
  const absent = new Driver();
  absent.kill = () => -3;
  t.strictSame(absent.run({ grace: 0 }, [send(15)]).sent, ["2 15", "-1 9", "2 9"], "PID 1 does not signal itself");
  const ended = new Driver();
  ended.kill = () => -3;
  ended.reaped = [{ pid: 2, status: 0 }];
  t.strictSame(
    ended.run({ sharesFate: true, killGroup: true }, [send(17)]).sent,
    ["-2 15"],
    "its PID may be another's",
  );
  const dropped = new Driver();
  dropped.reaped = [{ pid: 2, status: 0 }];
  const nothing = { sharesFate: true, killGroup: true, rewrites: [{ from: 15, to: 0 }] };
  t.strictSame(dropped.run(nothing, [send(17)]).sent, [], "a farewell that is dropped");
  const alone = new Driver();
  alone.reaped = [{ pid: 2, status: 0 }];
  t.strictSame(alone.run({ sharesFate: true }, [send(17)]).sent, [], "the group is left alone without --kill-group");
});

/** The policy of a subreaper with a shell above it. */
const SHELLS: Policy = {
  command: 2,
  first: false,
  adopts: true,
  jobControl: true,
  session: false,
  options: { ...DEFAULT_INIT_OPTIONS, orphans: "stop" },
};

void t.test("steps that depend on one thing alone", async (t) => {
  const start = firstState(SHELLS, [], 1000);
  const actions = (state: Partial<State>, event: Event, policy: Partial<Policy> = {}, now = 1000): unknown =>
    step({ ...SHELLS, ...policy }, { ...start, ...state }, event, now).actions;
  const kill = (pid: number, signal: number): Action => ({ kind: "kill", pid, signal });
  t.equal(firstState({ ...SHELLS, options: { ...SHELLS.options, orphans: "reap" } }, [], 1000).lookAt, 1250);
  t.strictSame(actions({ stopped: true }, { kind: "signal", signal: 15 }), [kill(2, 15)], "SIGTERM continues nothing");
  t.strictSame(actions({ stopped: true }, { kind: "signal", signal: 18 }), [{ kind: "foreground" }, kill(-2, 18)]);
  t.strictSame(actions({}, { kind: "signal", signal: 18 }), [{ kind: "foreground" }, kill(2, 18)]);
  t.strictSame(actions({}, { kind: "signal", signal: 18 }, { jobControl: false }), [kill(2, 18)]);
  const stopped = step(SHELLS, { ...start, stopped: true }, { kind: "signal", signal: 15 }, 1000).state;
  t.equal(stopped.stopped, true, "it is stopped still");
  t.equal(step(SHELLS, { ...start, stopped: true }, { kind: "signal", signal: 18 }, 1000).state.stopped, false);
  t.strictSame(actions({}, { kind: "signal", signal: 17 }), [{ kind: "reap" }], "orphans do not matter yet");
  t.strictSame(actions({ code: 0 }, { kind: "signal", signal: 17 }), [{ kind: "reap" }, { kind: "look" }]);
  t.strictSame(actions({ killing: true }, { kind: "signal", signal: 17 }), [{ kind: "reap" }, { kind: "look" }]);
  t.strictSame(actions({ code: 0 }, { kind: "childless" }), [{ kind: "exit", code: 0 }]);
  t.strictSame(actions({}, { kind: "childless" }), []);
  t.strictSame(actions({ lookAt: 1001 }, { kind: "time" }), [], "not yet");
  t.strictSame(actions({ lookAt: 1000 }, { kind: "time" }), [{ kind: "look" }]);
  t.equal(step(SHELLS, { ...start, lookAt: 1000 }, { kind: "time" }, 1000).state.lookAt, 1250);
});

void t.test("the process that may not be signalled is named", async (t) => {
  const said: string[] = [];
  const kernel = fakeKernel(
    {},
    {
      kill: () => -1,
      monotonic: () => 0,
      reap: () => ended.shift() ?? { pid: 0, status: 0 },
      rewind: () => 0,
      readToEnd: () => Buffer.from("9 "),
      write: (_fd, bytes) => {
        said.push(Buffer.from(bytes).toString());
        return 0;
      },
      onSignals: (handle) => {
        handle(17);
        return 0;
      },
    },
  );
  const ended = [{ pid: 2, status: 0 }];
  t.throws(
    () =>
      supervise(
        kernel,
        { ...SHELLS, jobControl: false },
        { terminal: { fd: -1, group: 7 }, children: LIST, spared: [] },
      ),
    new Exited(0),
  );
  t.strictSame(said, ["tsgosu: signal 15 cannot be sent to process 9: operation not permitted\n"]);
});

void t.test("a list of children that could not be opened was spoken of by then", async (t) => {
  const said: string[] = [];
  let now = 0;
  const kernel = fakeKernel(
    {},
    {
      monotonic: () => now,
      write: (_fd, bytes) => {
        said.push(Buffer.from(bytes).toString());
        return 0;
      },
      onSignals: (handle) => {
        now = 10_000;
        handle(0);
        return 0;
      },
    },
  );
  const policy = { ...SHELLS, options: { ...DEFAULT_INIT_OPTIONS, orphans: "reap" as const } };
  supervise(kernel, policy, { terminal: { fd: -1, group: 7 }, children: -2, spared: [] });
  t.strictSame(said, []);
});
