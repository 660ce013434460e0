// Starting the command as a child of init, on a kernel made up here: what it is started with, and what is said.

import t from "tap";
import { openChildren, readChildren } from "../../src/init/children.ts";
import { DEFAULT_INIT_OPTIONS, type InitOptions } from "../../src/init/options.ts";
import { watchParent } from "../../src/init/parent.ts";
import { superviseCommand } from "../../src/init/start.ts";
import { CATATONIT, DUMB_INIT, INFORMATION, OWN, TINI, type Tool, WARNING } from "../../src/init/voice.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { beginSession } from "../../src/run/session.ts";
import { fakeKernel } from "../support/fake-kernel.ts";

const EPERM = 1;
const ENOEXEC = 8;
const ENOMEM = 12;
const EACCES = 13;
const PR_SET_PDEATHSIG = 1;
const PR_GET_DUMPABLE = 3;
const PR_SET_CHILD_SUBREAPER = 36;

type SpawnWords = Parameters<Kernel["spawn"]>;

/** A process that starts a command, and what has become of it. */
class Start {
  said = "";
  /** How the command was started. */
  spawned: { file: string; firstWord: number; options: SpawnWords[2] } | undefined;
  /** What tsgosu had let go of when the command was started, and in the end. */
  letGo: string[] = [];
  letGoBefore: string[] = [];
  readonly environment = new Map<string, string>();
  /** Options of prctl(2) and their first word. */
  readonly prctls = new Map<number, number>();

  run(given: Partial<InitOptions>, overrides: Partial<Kernel> = {}, newSession = false): this {
    const kernel = fakeKernel(
      { "/bin/command": { mode: 0o100755 } },
      {
        argument: () => "/bin/command",
        environment: (name) => this.environment.get(name),
        setenv: (name, value) => {
          this.environment.set(name, value);
          return 0;
        },
        getpid: () => 1,
        open: () => 9,
        rewind: () => 0,
        readToEnd: () => Buffer.from(""),
        prctl: (option, second) => {
          this.prctls.set(option, second);
          return 0;
        },
        isSubreaper: () => this.prctls.get(PR_SET_CHILD_SUBREAPER) === 1,
        spawn: (file, firstWord, options) => {
          this.spawned = { file, firstWord, options };
          this.letGoBefore = [...this.letGo];
          return 50;
        },
        releaseResources: () => {
          this.letGo.push("descriptors");
          return 0;
        },
        chdir: (path) => {
          this.letGo.push(`directory for ${path}`);
          return 0;
        },
        monotonic: () => 0,
        write: (fd, bytes) => {
          this.said += `${fd}: ${Buffer.from(bytes).toString("latin1")}`;
          return 0;
        },
        ...overrides,
      },
    );
    superviseCommand(kernel, 3, { ...DEFAULT_INIT_OPTIONS, ...given }, newSession);
    return this;
  }
}

const NOT_PID_1: Partial<Kernel> = { getpid: () => 7 };

t.test("as PID 1", async (t) => {
  const start = new Start().run({ subreaper: true, orphans: "stop" });
  t.same(start.spawned, {
    file: "/bin/command",
    firstWord: 3,
    options: { session: false, own: -1, terminal: -1, pidVariable: "", inherited: 0 },
  });
  t.equal(start.said, "");
  t.notOk(start.prctls.has(PR_SET_CHILD_SUBREAPER), "PID 1 adopts orphans anyway");
  t.same(start.letGoBefore, [], "the command has what tsgosu was started with");
  t.same(start.letGo, ["descriptors", "directory for /"]);
});

t.test("a subreaper: asked for, not asked for, refused", async (t) => {
  for (const options of [{ subreaper: true }, { orphans: "stop" as const }, { orphans: "reap" as const }]) {
    const start = new Start().run(options, NOT_PID_1);
    t.equal(start.prctls.get(PR_SET_CHILD_SUBREAPER), 1);
    t.equal(start.said, "");

    const refused = new Start().run(options, {
      ...NOT_PID_1,
      prctl: (option) => (option === PR_GET_DUMPABLE ? 0 : -EPERM),
    });
    t.equal(
      refused.said,
      "2: tsgosu: orphans cannot be reaped: the kernel refuses to make init a subreaper: operation not permitted\n",
    );
    t.ok(refused.spawned, "the command runs all the same");

    const deceived = new Start().run(options, { ...NOT_PID_1, isSubreaper: () => false });
    t.equal(deceived.said, refused.said, "it says that it is done, and does nothing");

    const blind = new Start().run(options, { ...NOT_PID_1, open: () => -2 });
    t.equal(blind.said, "2: tsgosu: orphans cannot be found: /proc/self/task/7/children: no such file or directory\n");
  }
  const start = new Start().run({}, NOT_PID_1);
  t.notOk(start.prctls.has(PR_SET_CHILD_SUBREAPER));
  t.match(start.said, /^2: tsgosu: orphans cannot be reaped: init is neither PID 1 nor a subreaper \(--subreaper\)\n$/);
});

t.test("children from before the command are spared", async (t) => {
  for (const [options, pid, looksBefore] of [
    [{}, 1, false],
    [{ orphans: "stop" }, 1, false],
    [{ orphans: "reap" }, 1, true],
    [{ subreaper: true }, 7, true],
    [{ orphans: "stop" }, 7, true],
    [{}, 7, false],
  ] as const) {
    let looked = false;
    const start = new Start();
    const readToEnd = (): Buffer => {
      looked ||= start.spawned === undefined;
      return Buffer.from("");
    };
    start.run(options, { getpid: () => pid, open: () => 9, rewind: () => 0, readToEnd });
    t.equal(looked, looksBefore, `${JSON.stringify(options)}, PID ${pid}`);
  }
  let now = 0;
  const killed: number[] = [];
  const start = new Start();
  start.run(
    { orphans: "reap" },
    {
      monotonic: () => now,
      open: () => 9,
      rewind: () => 0,
      readToEnd: () => Buffer.from(start.spawned === undefined ? "30 31 " : "30 31 50 60 "),
      kill(pid) {
        killed.push(pid);
        return 0;
      },
      onSignals(handle) {
        now = 250;
        handle(0);
        return 0;
      },
    },
  );
  t.same([...new Set(killed)], [60], "the orphan alone is asked to end");
});

t.test("the terminal is the command's if it was tsgosu's", async (t) => {
  const terminal = (fd: number, foreground: number): Partial<Kernel> => ({
    ...NOT_PID_1,
    getpgrp: () => 6,
    tcgetpgrp: (one) => (one === fd ? foreground : -25),
  });
  t.equal(new Start().run({}, terminal(0, 6)).spawned?.options.terminal, 0);
  t.equal(new Start().run({}, terminal(2, 6)).spawned?.options.terminal, 2);
  t.equal(new Start().run({}, terminal(0, 5)).spawned?.options.terminal, -1, "tsgosu is in the background");
});

t.test("a shell above init has to know that the command was stopped, and there is none above PID 1", async (t) => {
  for (const [pid, hasTerminal, expected] of [
    [1, true, 0],
    [7, true, 1],
    [7, false, 0],
  ] as const) {
    let suspended = 0;
    const stopped = [{ pid: 50, status: 0x147f }];
    new Start().run(
      {},
      {
        getpid: () => pid,
        tcgetpgrp: () => (hasTerminal ? 7 : -25),
        reap: () => stopped.shift() ?? { pid: 0, status: 0 },
        suspend: () => ++suspended,
        onSignals(handle) {
          handle(17);
          return 0;
        },
      },
    );
    t.equal(suspended, expected, `PID ${pid}, ${hasTerminal ? "a" : "no"} terminal`);
  }
});

t.test("LISTEN_PID", async (t) => {
  const listen = (value: string, overrides: Partial<Kernel> = {}): Start => {
    const start = new Start();
    start.environment.set("LISTEN_PID", value).set("LISTEN_FDS", "2");
    return start.run({}, overrides);
  };
  const ours = listen("1");
  t.same(ours.spawned?.options, { session: false, own: -1, terminal: -1, pidVariable: "LISTEN_PID", inherited: 2 });
  t.match(ours.environment.get("LISTEN_PID"), /^0{10}$/, "room for any PID");
  const others = listen("4711");
  t.same(others.spawned?.options, { session: false, own: -1, terminal: -1, pidVariable: "", inherited: 0 });
  t.equal(others.environment.get("LISTEN_PID"), "4711");
  t.throws(() => listen("1", { setenv: () => -ENOMEM }), {
    code: 125,
    message: "cannot set LISTEN_PID: out of memory",
  });
});

t.test("init is out of the command's reach, or the command does not run", async (t) => {
  const dumpable = (answers: number[]): Kernel["prctl"] => {
    return (option) => (option === PR_GET_DUMPABLE ? (answers.shift() ?? 1) : 0);
  };
  const asked = (answers: number[]): Start => new Start().run({}, { prctl: dumpable(answers) });
  t.ok(asked([0]).spawned, "the switch has seen to it");
  t.ok(asked([1, 0]).spawned);
  t.ok(asked([2, 0]).spawned, "2 is not 0: fs.suid_dumpable (proc(5))");
  const sandboxed = new Start();
  t.throws(() => sandboxed.run({}, { prctl: dumpable([1, 1]) }), {
    code: 125,
    message: /^the command could stop tsgosu, or read its memory: PR_SET_DUMPABLE is refused/,
  });
  t.equal(sandboxed.spawned, undefined);
});

t.test("a session of the command's own", async (t) => {
  const terminal = { tcgetpgrp: (): number => 7, getpgrp: (): number => 7 };
  const options = (session: number, overrides: Partial<Kernel>, newSession = true): unknown => {
    const all = { getsid: () => session, open: () => -1, ...overrides };
    return new Start().run({ orphans: "stop" }, all, newSession).spawned?.options;
  };
  const given = { session: true, own: -1, terminal: -1, pidVariable: "", inherited: 0 };
  t.same(options(1, {}), given, "PID 1 leads a session, and has no terminal to lose");
  t.same(options(5, { ...NOT_PID_1, ...terminal }), given, "a shell above it has the terminal");
  const kept = { ...given, session: false, terminal: 0 };
  t.same(options(1, terminal), kept, "PID 1 leads the terminal's session: nobody is above it");
  t.same(options(5, { ...NOT_PID_1, ...terminal }, false), kept);
});

t.test("a session of its own for what takes tsgosu's place", async (t) => {
  const EPERM_ONCE = [-EPERM, 7];
  const begin = (overrides: Partial<Kernel>): string[] => {
    const calls: string[] = [];
    const answers = [...EPERM_ONCE];
    beginSession(
      fakeKernel(
        {},
        {
          getsid: () => 5,
          setpgrp: (group) => calls.push(`setpgrp ${group}`),
          setsid: () => {
            calls.push("setsid");
            return answers.shift() ?? -EPERM;
          },
          ...overrides,
        },
      ),
    );
    return calls;
  };
  t.same(begin({ getsid: () => 7 }), [], "it leads one already");
  t.same(begin({}), ["setsid", "setpgrp 5", "setsid"], "the leader of a group leaves it first");
  const error = { code: 125, message: "--new-session: setsid: operation not permitted", hint: /--init/ };
  t.throws(() => begin({ setsid: () => -EPERM }), error, "others are in that group");
  t.throws(() => begin({ setpgrp: () => -EPERM, setsid: () => -EPERM }), error);
});

t.test("a command that cannot be started", async (t) => {
  const start = new Start();
  t.throws(() => start.run({}, { spawn: () => -EACCES }), { code: 126 });
  t.same(start.letGo, []);
  t.throws(() => start.run({}, { argument: () => "/bin/missing" }), { code: 127 });
});

t.test("what init could not let go of is said, and the command runs", async (t) => {
  t.equal(
    new Start().run({}, { releaseResources: () => -EACCES }).said,
    "2: tsgosu: inherited descriptors stay open: permission denied\n",
  );
  t.equal(
    new Start().run({}, { chdir: () => -EACCES }).said,
    "2: tsgosu: the working directory stays in use: chdir /: permission denied\n",
  );
});

t.test("the death of tsgosu's own parent", async (t) => {
  const sent = (parent: number, prctl: Kernel["prctl"] = () => 0): string[] => {
    const signals: string[] = [];
    const kill = (pid: number, signal: number): number => signals.push(`${pid} ${signal}`);
    watchParent(fakeKernel({}, { prctl, kill, getppid: () => 5 }), 15, parent);
    return signals;
  };
  const asked: string[] = [];
  t.same(
    sent(5, (option, second) => asked.push(`${option} ${second}`)),
    [],
  );
  t.same(asked, [`${PR_SET_PDEATHSIG} 15`]);
  t.same(sent(4), ["7 15"], "a parent that has died already sends nothing");
  t.throws(() => sent(5, () => -EPERM), { code: 125, message: "--parent-death: operation not permitted" });
});

t.test("the children, as /proc lists them", async (t) => {
  const children = (answer: Buffer | number): number[] | number => {
    const opened: string[] = [];
    const rewound: number[] = [];
    const kernel = fakeKernel(
      {},
      {
        open: (path) => {
          opened.push(path);
          return typeof answer === "number" ? answer : 9;
        },
        rewind: (fd) => {
          rewound.push(fd);
          return 0;
        },
        readToEnd: () => answer,
      },
    );
    const list = openChildren(kernel);
    const pids = readChildren(kernel, list);
    t.same(readChildren(kernel, list), pids, "again");
    t.same(opened, ["/proc/self/task/7/children"], "opened once");
    t.same(rewound, list < 0 ? [] : [9, 9]);
    return pids;
  };
  t.same(children(Buffer.from("")), []);
  t.same(children(Buffer.from("2 1030 4194304 ")), [2, 1030, 4194304]);
  t.same(children(-2), -2, "a kernel without CONFIG_PROC_CHILDREN");
});

/** A start from the words of a command line; /bin/bare is a file whose format the kernel does not know. */
class Wordy {
  readonly words: string[];
  readonly spawned: string[] = [];
  said = "";

  constructor(...words: string[]) {
    this.words = words;
  }

  run(firstWord: number, given: Partial<InitOptions>, overrides: Partial<Kernel> = {}): this {
    const kernel = fakeKernel(
      { "/bin/command": { mode: 0o100755 }, "/bin/bare": { mode: 0o100755 } },
      {
        argument: (index) => this.words[index] ?? "",
        setArgument: (index, word) => {
          this.words[index] = word;
        },
        getpid: () => 1,
        prctl: () => 0,
        spawn: (file, at) => {
          this.spawned.push(`${file}: ${this.words.slice(at).join(" ")}`);
          return file === "/bin/bare" ? -ENOEXEC : 50;
        },
        write: (_fd, bytes) => {
          this.said += Buffer.from(bytes).toString("latin1");
          return 0;
        },
        ...overrides,
      },
    );
    superviseCommand(kernel, firstWord, { ...DEFAULT_INIT_OPTIONS, ...given }, false);
    return this;
  }
}

t.test("a script that names no interpreter is the shell's, under the names of other inits", async (t) => {
  for (const tool of [TINI, CATATONIT, DUMB_INIT] as const)
    t.same(new Wordy("tini", "--", "/bin/bare", "a").run(2, { tool }).spawned, [
      "/bin/bare: /bin/bare a",
      "/bin/sh: /bin/sh /bin/bare a",
    ]);
  t.throws(() => new Wordy("tsgosu", "app", "/bin/bare").run(2, {}), {
    code: 126,
    message: "/bin/bare: cannot run: exec format error",
  });
  t.throws(() => new Wordy("tini", "--", "/bin/command").run(2, { tool: TINI }, { spawn: () => -EPERM }), {
    message: "/bin/command: cannot run: operation not permitted",
  });
});

t.test("tini PROGRAM -- ARGS: tini drops the --, and nobody else does", async (t) => {
  const started = (tool: Tool, firstWord: number, ...words: string[]): string =>
    new Wordy(...words).run(firstWord, { tool }).spawned.join("; ");
  t.equal(started(TINI, 1, "tini", "/bin/command", "--", "a"), "/bin/command: /bin/command a");
  t.equal(started(TINI, 1, "tini", "/bin/command", "a", "--"), "/bin/command: /bin/command a --");
  t.equal(started(TINI, 2, "tini", "--", "/bin/command", "--", "a"), "/bin/command: /bin/command -- a");
  t.equal(started(DUMB_INIT, 1, "dumb-init", "/bin/command", "--", "a"), "/bin/command: /bin/command -- a");
});

t.test("what an init says of its command", async (t) => {
  const started = (verbosity: number): string =>
    new Wordy("tini", "/bin/command").run(1, { tool: TINI, verbosity }).said;
  t.equal(started(INFORMATION), "[INFO  tini (1)] Spawned child process '/bin/command' with pid '50'\n");
  t.equal(started(WARNING), "");
  const alone = (tool: Tool): string =>
    new Wordy("init", "/bin/command").run(1, { tool }, { getpid: () => 7, isSubreaper: () => false }).said;
  t.equal(
    alone(TINI),
    "[WARN  tini (7)] Tini is not running as PID 1 and isn't registered as a child subreaper (-s, TINI_SUBREAPER).\n",
  );
  t.equal(alone(CATATONIT), "WARN (catatonit:7): orphans cannot be reaped: init is neither PID 1 nor a subreaper\n");
  t.equal(alone(DUMB_INIT), "[dumb-init] orphans cannot be reaped: init is neither PID 1 nor a subreaper\n");
  t.equal(alone(OWN), "tsgosu: orphans cannot be reaped: init is neither PID 1 nor a subreaper (--subreaper)\n");
});
