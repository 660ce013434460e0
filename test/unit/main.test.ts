// The whole story, from the words of a command line to the command, on a machine made up here.

import t from "tap";
import { EACCES, EIO, ENOSPC, EPERM } from "../../src/kernel/errno.ts";
import { becomeListener, isListener } from "../../src/main.ts";
import { VERSION } from "../../src/version.ts";
import { Machine, type Outcome } from "../support/fake-machine.ts";

/** A machine with some things changed. */
function machine(change: (machine: Machine) => void = () => {}): Machine {
  const made = new Machine();
  change(made);
  return made;
}

/** What a run says, where it does not start the command. */
const refusal = ({ code, stderr, command }: Outcome): string =>
  command === undefined ? `${code}: ${stderr}` : "the command runs";

t.test("the command is found as the user, and runs as the user with its home", async (t) => {
  t.same(new Machine().run(["tsgosu", "app", "id", "-u"]), {
    code: -1,
    stdout: "",
    stderr: "",
    command: {
      file: "/bin/id",
      words: ["id", "-u"],
      ids: "1000:1001 77,1001",
      environment: { PATH: "/bin", HOME: "/home/app" },
    },
  });
  const login = new Machine().run(["tsgosu", "--login", "app", "id"]).command;
  t.same(login?.environment, {
    PATH: "/bin",
    HOME: "/home/app",
    USER: "app",
    LOGNAME: "app",
    SHELL: "/bin/app-shell",
  });
  const nameless = new Machine().run(["tsgosu", "--login", "1234:5", "id"]).command;
  t.same(
    [nameless?.ids, nameless?.environment],
    ["1234:5 5", { PATH: "/bin", HOME: "/", USER: "1234", LOGNAME: "1234", SHELL: "/bin/sh" }],
  );
  t.same(new Machine().run(["gosu", "app", "id"]).command?.ids, "1000:1001 77,1001", "as gosu");
});

t.test("what cannot be done is said, and nothing runs", async (t) => {
  t.match(
    refusal(new Machine().run(["tsgosu", "nobody", "id"])),
    /^125: tsgosu: user 'nobody': no such user in \/etc\/passwd\n/,
  );
  t.match(refusal(new Machine().run(["tsgosu", "app", "missing"])), /^127: tsgosu: missing: not found in PATH\n/);
  t.match(
    refusal(new Machine().run(["tsgosu", "app", "id"], { execve: () => -EACCES })),
    /^126: tsgosu: id: cannot run: permission denied\ntsgosu: hint: the user needs execute permission/,
  );
  t.match(
    refusal(new Machine().run(["tsgosu", "app", "id"], { setenv: () => -ENOSPC })),
    /^125: tsgosu: cannot set HOME for the command: no space left on device\n$/,
  );
  t.match(
    refusal(new Machine().run(["tsgosu", "--umask", "27", "app", "id"], { umask: () => -EPERM })),
    /^125: tsgosu: cannot set the umask: operation not permitted\n$/,
  );
  const broken = (): never => {
    throw new RangeError("Out of range");
  };
  t.equal(
    refusal(new Machine().run(["tsgosu", "app", "id"], { getgroups: broken })),
    "125: tsgosu: internal error: Out of range\n",
  );
  const worse = (): never => {
    throw "a word";
  };
  t.equal(
    refusal(new Machine().run(["tsgosu", "app", "id"], { getgroups: worse })),
    "125: tsgosu: internal error: unknown\n",
  );
  const setuid = machine(({ files }) => files.file("/bin/tsgosu", "", 0o4755));
  t.match(refusal(setuid.run(["tsgosu", "app", "id"])), /^125: tsgosu: refusing to run with setuid/);
  t.match(refusal(setuid.run(["tsgosu", "--check", "app"])), /^125: tsgosu: refusing to run with setuid/);
});

t.test("the other tools' names fail in the other tools' words", async (t) => {
  t.equal(
    refusal(new Machine().run(["tini", "missing"])),
    "127: [FATAL tini (7)] exec missing: not found in PATH\ntsgosu: hint: check that it is installed in this image and that PATH is right\n",
  );
  t.match(refusal(new Machine().run(["dumb-init", "missing"])), /^2: \[dumb-init\] missing: not found in PATH\n/);
  t.match(
    refusal(new Machine().run(["catatonit", "--", "missing"])),
    /^1: ERROR \(catatonit:7\): failed to exec pid1: missing: not found in PATH\n/,
  );
});

t.test("--verbose says what is done", async (t) => {
  t.equal(
    new Machine().run(["tsgosu", "--verbose", "--umask", "27", "--no-new-privs", "app", "id"]).stderr,
    "tsgosu: became app, 1000:1001 with groups 77\ntsgosu: capabilities: as they were; no_new_privs is set\ntsgosu: umask 027\n",
  );
  t.equal(
    new Machine().run(["tsgosu", "--verbose", "--caps", "chown", "app", "id"]).stderr,
    "tsgosu: became app, 1000:1001 with groups 77\ntsgosu: capabilities: chown\n",
  );
  const already = machine((one) => one.becomeUser(1000, 1001, [77, 1001]));
  t.equal(
    already.run(["tsgosu", "--verbose", "app", "id"]).stderr,
    "tsgosu: already 1000:1001 with groups 77, nothing to switch\n",
  );
  const shared = /^tsgosu: the command shares a terminal with the shell above it/m;
  const terminal = (change: (one: Machine) => void, ...words: string[]): string =>
    machine((one) => {
      one.foreground = 7;
      change(one);
    }).run(["tsgosu", ...words, "id"]).stderr;
  const nothing = (): void => {};
  t.match(terminal(nothing, "--verbose", "app"), shared);
  t.equal(terminal(nothing, "app"), "", "only where it is asked for");
  t.notMatch(terminal(nothing, "--verbose", "--new-session", "app"), shared);
  t.notMatch(
    terminal((one) => (one.session = 7), "--verbose", "app"),
    shared,
    "no shell is above it",
  );
  t.notMatch(
    terminal((one) => (one.foreground = -1), "--verbose", "app"),
    shared,
    "there is none",
  );
  t.notMatch(terminal(nothing, "--verbose", "root"), shared, "root has the shell already");
  t.notMatch(
    terminal((one) => one.becomeUser(1000, 1001, [77, 1001]), "--verbose", "app"),
    shared,
  );
});

t.test("--umask, and UMASK with --puid", async (t) => {
  const umask = (words: string[], environment: Record<string, string> = {}): string => {
    const one = machine((made) => Object.assign(made.environment, environment));
    const outcome = one.run(["tsgosu", ...words, "app", "id"]);
    return outcome.command === undefined ? outcome.stderr : one.umask.toString(8);
  };
  t.equal(umask([]), "22", "as it was");
  t.equal(umask(["--umask", "0"]), "0");
  t.equal(umask(["--umask", "77"], { UMASK: "002" }), "77", "only --puid reads the variable");
  t.equal(umask(["--puid", "--umask", "77"], { UMASK: "002" }), "2");
  t.equal(umask(["--puid", "--umask", "77"], { UMASK: "" }), "77");
  t.equal(umask(["--puid"], { UMASK: "777" }), "777");
  for (const text of ["1000", "8", "-1", "0o22", "x"])
    t.equal(
      umask(["--puid"], { UMASK: text }),
      `tsgosu: --puid: UMASK='${text}': a umask is octal, from 0 to 0777\ntsgosu: hint: set UMASK to such a number, or leave it out\n`,
    );
});

t.test("--if-root: whoever is not root stays who it is, with a home where it may write in one", async (t) => {
  const stranger = (change: (one: Machine) => void, ...words: string[]): Outcome =>
    machine((one) => {
      one.becomeUser(1234, 0);
      one.files.directory("/home/app", 0o775, 1234, 0);
      change(one);
    }).run(["tsgosu", "--if-root", ...words, "id"]);
  const nothing = (): void => {};
  t.same(stranger(nothing, "--verbose", "app"), {
    code: -1,
    stdout: "",
    stderr: "tsgosu: UID 1234 has no home, and gets that of app: /home/app\n",
    command: { file: "/bin/id", words: ["id"], ids: "1234:0", environment: { PATH: "/bin", HOME: "/home/app" } },
  });
  const environment = (change: (one: Machine) => void, ...words: string[]): unknown => {
    const { PATH: _, ...rest } = stranger(change, ...words).command?.environment ?? {};
    return rest;
  };
  const named = { HOME: "/home/app", USER: "app", LOGNAME: "app" };
  t.same(environment(nothing, "--login", "app"), named);
  t.same(environment(nothing, "--login", "1000"), named, "by its number");
  t.same(
    environment((one) => (one.environment["HOME"] = "/"), "app"),
    { HOME: "/home/app" },
    "/ is no home",
  );
  t.same(
    environment((one) => (one.environment["HOME"] = "/srv"), "--login", "app"),
    { HOME: "/srv" },
  );
  t.same(
    environment((one) => one.files.directory("/home/app"), "--login", "app"),
    { USER: "app", LOGNAME: "app" },
    "root's home",
  );
  t.same(environment(nothing, "--login", "1234"), {}, "no account of another");
  t.same(environment(nothing, "--login", "nobody"), {}, "no account at all");
  t.same(environment(nothing, "--login", ":0"), {}, "no user is named");
  const line = "app:x:1000:1001::/home/app:\n";
  const passwd =
    (text: string) =>
    (one: Machine): void => {
      one.files.file("/etc/passwd", line + text);
    };
  t.same(environment(passwd("someone:x:1234:0::/:\n"), "--login", "app"), {}, "the UID has a name");
  t.same(
    environment(passwd("1234:x:1234:0::/:\n"), "--login", "app"),
    named,
    "a number is none: an engine has added it",
  );
  t.same(
    environment((one) => one.files.file("/etc/passwd", "app:x:1000:1001::home:\n"), "--login", "app"),
    { USER: "app", LOGNAME: "app" },
    "no absolute home",
  );
  t.equal(
    new Machine().run(["tsgosu", "--if-root", "app", "id"]).command?.ids,
    "1000:1001 77,1001",
    "root is switched",
  );
});

t.test("confined without a switch, and never root", async (t) => {
  const { code, stderr } = new Machine().run(["tsgosu", "--restricted", "0", "id"]);
  t.match([code, stderr], [125, /^tsgosu: --restricted: the command would be root \(UID 0\)\n/]);
  const user = machine((one) => one.becomeUser(1000, 1001, [77, 1001]));
  t.equal(user.run(["tsgosu", "--if-root", "--restricted", "app", "id"]).command?.ids, "1000:1001 77,1001");
  t.equal(user.process.noNewPrivs, true);
  t.equal(user.process.bounding, 0xa80425fbn, "without setpcap it stays, out of reach");
  const root = new Machine();
  t.match(root.run(["tsgosu", "--check", "--restricted"]).stderr, /^tsgosu: --restricted: the command would be root/);
});

t.test("--parent-death, after the switch", async (t) => {
  const exec = new Machine();
  exec.run(["tsgosu", "-p", "TERM", "app", "id"]);
  t.same(exec.asked, ["parent-death 15"]);
  let asked = 0;
  const orphaned = new Machine();
  orphaned.run(["tsgosu", "-p", "TERM", "app", "id"], { getppid: () => (asked++ === 0 ? 5 : 1) });
  t.same(orphaned.asked, ["parent-death 15", "kill 7 15"], "the parent has died meanwhile");
});

t.test("--new-session of a command that takes the place of tsgosu", async (t) => {
  const session = new Machine();
  session.run(["tsgosu", "--new-session", "app", "id"]);
  t.same(session.asked, ["setsid"]);
  const init = new Machine();
  init.run(["tsgosu", "--init", "--new-session", "app", "id"]);
  t.match(init.asked[0], /^spawn .*"session":true/);
});

t.test("PID 1 stays as init, and holds signals before anything else", async (t) => {
  const first = machine((one) => (one.pid = 1));
  const { command, code } = first.run(["tsgosu", "app", "id"]);
  t.match([command?.ids, code], ["1000:1001 77,1001", -1]);
  t.match(first.asked[0], /^spawn /);
  t.same(first.files.calls[0], "holdSignals ");
  const exec = machine((one) => (one.pid = 1));
  exec.run(["tsgosu", "--exec", "app", "id"]);
  t.same(exec.asked, [], "not with --exec");
  t.notOk(exec.files.calls.includes("holdSignals "));
  t.match(new Machine().run(["tsgosu", "--init", "app", "id"]).stderr, /^tsgosu: orphans cannot be reaped/);
  t.match(
    refusal(machine((one) => (one.pid = 1)).run(["tsgosu", "app", "id"], { holdSignals: () => -EPERM })),
    /^125: tsgosu: cannot hold signals: operation not permitted\ntsgosu: hint: .*--exec/,
  );
});

t.test("the pause of a pod reaps until it is asked to end", async (t) => {
  for (const [signal, code] of [
    [15, 0],
    [2, 0],
    [17, -1],
    [1, -1],
  ] as const) {
    const pod = machine((one) => {
      one.pid = 1;
      one.signals = [signal];
      one.reaped = [
        { pid: 3, status: 0 },
        { pid: 4, status: 0 },
      ];
    });
    const outcome = pod.run(["catatonit", "-P"]);
    t.match(outcome, { code, stdout: "", stderr: "", command: undefined }, `signal ${signal}`);
    t.same(pod.reaped, [], "all that have ended");
    t.same(pod.asked, ["release -1", "chdir /"]);
  }
  let isSubreaper = false;
  new Machine().run(["catatonit", "-P"], {
    prctl: (option) => {
      isSubreaper ||= option === 36;
      return 0;
    },
  });
  t.ok(isSubreaper, "where it is not PID 1");
});

t.test("help, versions and what cannot be written", async (t) => {
  t.match(new Machine().run(["tsgosu", "--help"]), { code: 0, stdout: /^usage: tsgosu /, stderr: "" });
  t.match(new Machine().run(["tsgosu", "--version"]), { code: 0, stdout: `tsgosu ${VERSION}\n`, stderr: "" });
  t.match(new Machine().run(["tini", "--version"]), { code: 0, stdout: /^tini version/, stderr: "" });
  t.match(new Machine().run(["dumb-init", "--version"]), { code: 0, stdout: "", stderr: /^dumb-init / });
  let tries = 0;
  const full = new Machine();
  t.match(
    full.run(["tsgosu", "--version"], {
      write: (fd, bytes) => {
        tries++;
        return fd === 1 ? -EIO : bytes.length;
      },
    }),
    { code: 125, stdout: "" },
  );
  t.equal(tries, 2, "the failure is said on standard error");
});

t.test("--check: what the command would have, and whether that is restricted", async (t) => {
  const root = new Machine().run(["tsgosu", "--check"]);
  t.match(root, { code: 1, stderr: "" });
  t.notMatch(root.stdout, "\x1b[", "no colours for a file");
  const change = (one: Machine): void => {
    one.files.file("/proc/self/status", "Name:\ttsgosu\nSeccomp:\t2\n");
    one.files.file("/proc/self/setgroups", "allow\n");
  };
  const app = machine(change).run(["tsgosu", "--check", "--json", "--restricted", "app"]);
  t.match([app.code, app.stderr, app.command], [0, "", undefined]);
  const controls: unknown = JSON.parse(app.stdout);
  t.match(controls, { restricted: true });
  t.equal(machine(change).run(["tsgosu", "--check", "app"]).code, 1);
  const coloured = (environment: Record<string, string>): boolean =>
    machine((one) => {
      one.isTerminal = true;
      Object.assign(one.environment, environment);
    })
      .run(["tsgosu", "--check"])
      .stdout.includes("\x1b[");
  t.equal(coloured({}), true);
  t.equal(coloured({ NO_COLOR: "" }), true);
  t.equal(coloured({ NO_COLOR: "1" }), false);
  const streams = new Machine();
  streams.run(["tsgosu", "--check", "app"]);
  t.notOk(
    streams.files.calls.some((call) => call.startsWith("fchown")),
    "nothing is changed for a question",
  );
});

t.test("--explain: what a message means; of one that is not known, the posture", async (t) => {
  const known = new Machine().run([
    "tsgosu",
    "--check",
    "--explain",
    "container has runAsNonRoot and image will run as root",
  ]);
  t.match([known.code, known.stdout.length > 0], [0, true]);
  const unknown = new Machine().run(["tsgosu", "--check", "--explain", "the cat sat on the mat"]);
  t.equal(unknown.code, 1);
  t.ok(unknown.stdout.endsWith(new Machine().run(["tsgosu", "--check"]).stdout), "with what --check shows");
});

t.test("the child that has to know its own PID", async (t) => {
  const words = ["tsgosu", "--as-listener", "id", "-u"];
  const listener = machine((one) => Object.assign(one.environment, { LISTEN_PID: "0000000000", LISTEN_FDS: "1" }));
  const seen: boolean[] = [];
  listener.tell(words, (kernel) => seen.push(isListener(kernel, "--as-listener")));
  listener.tell(["tsgosu", "app", "id"], (kernel) => seen.push(isListener(kernel, "--as-listener")));
  new Machine().tell(words, (kernel) => seen.push(isListener(kernel, "--as-listener")));
  t.same(seen, [true, false, false], "by the word and the variable");
  t.same(listener.tell(words, becomeListener).command, {
    file: "/bin/id",
    words: ["id", "-u"],
    ids: "0:0",
    environment: { PATH: "/bin", LISTEN_PID: "7", LISTEN_FDS: "1" },
  });
  t.throws(() => machine(({ files }) => files.file("/bin/tsgosu", "", 0o4755)).tell(words, becomeListener), {
    message: /^refusing to run with setuid/,
  });
});
