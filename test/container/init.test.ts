// Being PID 1 of a real container (DESIGN §7): signals, orphans, exit status, and what it costs to be there.

import t from "tap";
import { type Container, callEngine, run, start, until } from "../support/containers.ts";
import { type Executable, onBoth, onStatic } from "../support/executables.ts";
import { nodeCannot } from "../support/node-limits.ts";

const SIGNALS = Array.from({ length: 64 }, (_, at) => at + 1);
/** KILL and STOP cannot be caught, CHLD is init's own, the others are raised by a fault. */
const NOT_FORWARDED = [9, 19, 17, 4, 5, 7, 8, 11, 31];
const REAL_TIME = SIGNALS.filter((signal) => signal >= 32);

function forwarded(executable: Executable): number[] {
  const all = SIGNALS.filter((signal) => !NOT_FORWARDED.includes(signal));
  return nodeCannot(executable, "real-time-signals") ? all.filter((signal) => !REAL_TIME.includes(signal)) : all;
}

/** As the kernel writes a set of signals in /proc/PID/status. */
function setOf(signals: readonly number[]): string {
  const bits = signals.reduce((set, signal) => set | (1n << BigInt(signal - 1)), 0n);
  return bits.toString(16).padStart(16, "0");
}

/** Sends PID 1 of the container these signals, from inside. */
async function sendFromInside(container: Container, signals: readonly number[]): Promise<void> {
  const sent = await container.exec(["perl", "-e", "kill($_, 1) or die qq($_: $!) for @ARGV", ...signals.map(String)]);
  if (sent.code !== 0) throw new Error(sent.stderr);
}

onBoth(t, "by default PID 1 is the command's parent, and the command leads its own group", async (t, executable) => {
  const ran = await run(executable, ["1000", "probe", "place"], { flags: ["-w", "/usr"] });
  t.match(ran.stdout, /^pid=\d+ ppid=1 leads=1 cwd=\/usr\n$/);
  t.same({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: "" });
});

onBoth(t, "with --exec, and by the name gosu, PID 1 is the command", async (t, executable) => {
  const ran = await run(executable, ["--exec", "1000", "probe", "place"], { flags: ["-w", "/usr"] });
  t.equal(ran.stdout, "pid=1 ppid=0 leads=1 cwd=/usr\n");
  const gosu = await run(executable, ["-c", "ln -s /usr/local/bin/tsgosu /tmp/gosu; exec /tmp/gosu 1000 probe place"], {
    entrypoint: "sh",
  });
  t.match(gosu.stdout, /^pid=1 /);
});

onBoth(t, "100 orphans that end at once leave no zombie", async (t, executable) => {
  const ran = await run(executable, ["1000", "probe", "orphans", "100"]);
  t.equal(ran.stdout, "before children=101 zombies=0\nafter children=1 zombies=0\n");
  t.equal(ran.code, 0);
});

/** Among signals that wait, the kernel lets SIGCONT take away those that stop, and the reverse (signal(7)). */
const SIGCONT = 18;
const STOPPING = [20, 21, 22];

onBoth(t, "every signal that can be forwarded arrives, and no other", async (t, executable) => {
  const container = await start(t, executable, ["1000", "probe", "pending"]);
  await container.waitForLog("ready");
  const notSent = nodeCannot(executable, "real-time-signals") ? [SIGCONT, ...REAL_TIME] : [SIGCONT];
  await sendFromInside(
    container,
    SIGNALS.filter((signal) => !notSent.includes(signal)),
  );
  const allButCont = forwarded(executable).filter((signal) => signal !== SIGCONT);
  const log = await container.waitForLog(`pending ${setOf(allButCont)}`);
  t.equal(log.trim().split("\n").at(-1), `pending ${setOf(allButCont)}`, "all of them, and nothing more");
  await sendFromInside(container, [SIGCONT]);
  const expected = forwarded(executable).filter((signal) => !STOPPING.includes(signal));
  const after = await container.waitForLog(`pending ${setOf(expected)}`);
  t.equal(after.trim().split("\n").at(-1), `pending ${setOf(expected)}`, "SIGCONT too, and nothing more");
});

onBoth(t, "signals of the engine arrive, by the names people use", async (t, executable) => {
  const script =
    'for s in HUP INT USR1 USR2 WINCH TERM; do trap "echo got $s" $s; done; echo ready; while :; do sleep 600 & wait $!; done';
  const container = await start(t, executable, ["1000", "bash", "-c", script]);
  await container.waitForLog("ready");
  for (const name of ["HUP", "INT", "USR1", "USR2", "WINCH", "TERM"]) {
    await container.kill(name);
    await container.waitForLog(`got ${name}`);
  }
  t.equal((await callEngine(["inspect", "-f", "{{.State.Running}}", container.name])).stdout.trim(), "true");
});

onStatic(t, "real-time signals of the engine arrive", async (t, executable) => {
  const container = await start(t, executable, [
    "1000",
    "bash",
    "-c",
    "trap 'echo got it' RTMIN+3; echo ready; while :; do sleep 600 & wait $!; done",
  ]);
  await container.waitForLog("ready");
  await container.kill("RTMIN+3");
  t.equal((await container.waitForLog("got it")).trim(), "ready\ngot it");
});

// Not the Node one: see "start-mask" and "early-signals" in node-limits.ts.
onStatic(t, "a signal that waits when tsgosu starts is not lost", async (t, executable) => {
  // PID 1 is started with SIGTERM and SIGUSR2 blocked and already sent; both are the command's.
  const args = ["block", "15,12", "--send", "--", "tsgosu", "1000", "probe", "pending"];
  const container = await start(t, executable, args, { entrypoint: "probe" });
  t.match(await container.waitForLog(`pending ${setOf([12, 15])}`), /pending/);
});

onBoth(t, "a thousand signals in a row: none that is still to come is lost", async (t, executable) => {
  // Equal signals that wait merge into one, so what counts is that the last of each kind arrives.
  const container = await start(t, executable, ["1000", "probe", "pending"]);
  await container.waitForLog("ready");
  const kinds = [1, 2, 3, 10, 12, 15, 28];
  await sendFromInside(
    container,
    Array.from({ length: 1000 }, (_, at) => kinds[at % kinds.length] ?? 1),
  );
  const log = await container.waitForLog(`pending ${setOf(kinds)}`);
  t.equal(log.trim().split("\n").at(-1), `pending ${setOf(kinds)}`, "and none that was not sent");
});

const STOPS: readonly { readonly what: string; readonly script: string; readonly code: number }[] = [
  { what: "handles SIGTERM", script: "trap 'exit 3' TERM; echo ready; while :; do sleep 600 & wait $!; done", code: 3 },
  { what: "does not handle SIGTERM", script: "echo ready; exec sleep 600", code: 143 },
];

for (const { what, script, code } of STOPS) {
  for (const mode of ["--init", "--exec"]) {
    // A PID 1 that does not handle SIGTERM cannot be ended by it: that is what init is for.
    if (mode === "--exec" && code === 143) continue;
    onBoth(t, `stop of a command that ${what}, ${mode}`, async (t, executable) => {
      const container = await start(t, executable, [mode, "1000", "bash", "-c", script]);
      await container.waitForLog("ready");
      await container.stop();
      t.equal(await container.wait(), code, "exit code");
    });
  }
}

// Not the Node one: see "early-signals" in node-limits.ts.
onStatic(t, "a stop while tsgosu still starts", async (t, executable) => {
  const container = await start(t, executable, ["1000", "sleep", "600"]);
  await container.stop();
  t.equal(await container.wait(), 143);
});

onBoth(t, "the container's exit code is the command's", async (t, executable) => {
  for (const code of [0, 1, 42, 125, 255])
    t.equal((await run(executable, ["1000", "probe", "exit", `${code}`])).code, code);
  for (const signal of [6, 9, 11, 15]) {
    const ran = await run(executable, ["1000", "probe", "die", `${signal}`]);
    t.equal(ran.code, 128 + signal, `signal ${signal} ${ran.stderr}`);
  }
});

onBoth(t, "an error of tsgosu as PID 1 ends the container with its code", async (t, executable) => {
  for (const { args, code } of [
    { args: ["nosuch", "true"], code: 125 },
    { args: ["1000", "/etc"], code: 126 },
    { args: ["1000", "nosuch"], code: 127 },
  ]) {
    const ran = await run(executable, args);
    t.equal(ran.code, code, ran.stderr.trim());
    t.match(ran.stderr, /^tsgosu: /);
  }
});

onBoth(t, "what still runs when the command ends does not keep the container", async (t, executable) => {
  // As long as no container of these tests may run: one that waited for it would be ended, and have another exit code.
  const ran = await run(executable, ["1000", "sh", "-c", "sleep 600 >/dev/null 2>&1 & exit 7"]);
  t.equal(ran.code, 7, ran.stderr);
});

onBoth(t, "tsgosu itself is the user, holds `/` and no inherited descriptor, and sleeps", async (t, executable) => {
  const args = ["-c", "cd /usr; exec 7</etc/passwd 8</usr; exec tsgosu app sh -c 'echo ready; exec sleep 600'"];
  const account = "echo 'app:x:1000:1001::/:' >>/etc/passwd; echo 'more:x:5000:app' >>/etc/group;";
  const container = await start(t, executable, [args[0] ?? "", `${account} ${args[1]}`], {
    entrypoint: "bash",
    flags: ["--cap-add=SYS_PTRACE"],
  });
  await container.waitForLog("ready");
  const status = (await container.exec(["cat", "/proc/1/status"])).stdout;
  t.match(status, /^Uid:\t1000\t1000\t1000\t1000$/m);
  t.match(status, /^Gid:\t1001\t1001\t1001\t1001$/m);
  t.match(status, /^Groups:\t1001 5000 *$/m);
  t.match(status, /^CapEff:\t0+$/m, "no root power stays");
  t.match(status, /^CapPrm:\t0+$/m);
  // The command may be quicker than what init has still to do for itself.
  const directory = async (): Promise<string> => (await container.exec(["readlink", "/proc/1/cwd"])).stdout;
  t.equal(await until(directory, (path) => path === "/\n", "init to leave /usr"), "/\n");
  const inherited = async (): Promise<string[]> => {
    const listing = await container.exec(["find", "/proc/1/fd", "-type", "l", "-printf", "%f %l\\n"]);
    const above = listing.stdout.split("\n").filter((line) => Number.parseInt(line, 10) > 2);
    // Node's own descriptors belong to Node's memory: an event loop, and the pipes that wake it.
    return nodeCannot(executable, "memory") ? above.filter((line) => /passwd|\/usr/.test(line)) : above;
  };
  t.same(await until(inherited, (files) => files.length === 0, "init to close what it inherited"), []);
  await until(
    () => wakeUps(container, 1),
    (count) => count === 0,
    "init to sleep for a second",
  );
  t.same(await wakeUps(container, 3), 0, "no wake-up in three seconds");
});

/** How often any thread of PID 1 woke up in so many seconds. */
async function wakeUps(container: Container, seconds: number): Promise<number> {
  const count = "cat /proc/1/task/*/status | awk '/ctxt_switches/ { sum += $2 } END { print sum }'";
  const ran = await container.exec(["sh", "-c", `${count}; sleep ${seconds}; ${count}`]);
  const [before, after] = ran.stdout.trim().split("\n").map(Number);
  return (after ?? Number.NaN) - (before ?? Number.NaN);
}

/** Sends itself signals through PID 1, the next one when the last has come, and tells how many pages PID 1 asked for meanwhile. */
const SIGNALS_IN_TURN = `
  use Time::HiRes "sleep";
  sub faults { open my $file, "<", "/proc/1/stat"; (split " ", <$file>)[9] }
  my ($came, $before) = (0, 0);
  $SIG{USR1} = sub { $came++ };
  for my $sent (1 .. 300) {
    $before = faults() if $sent == 101;
    kill "USR1", 1;
    sleep 0.001 while $came < $sent;
  }
  print faults() - $before, " faults\n";
  exec "sleep", "600"`;

onStatic(t, "holds little memory as PID 1, but reads its pages once for a burst of signals", async (t, executable) => {
  const container = await start(t, executable, ["1000", "perl", "-e", SIGNALS_IN_TURN]);
  const faults = Number(/^(\d+) faults$/m.exec(await container.waitForLog(" faults"))?.[1]);
  t.ok(faults < 200, `${faults} page faults in 200 signals`);
  const resident = async (): Promise<number> => {
    const status = (await container.exec(["cat", "/proc/1/status"])).stdout;
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  };
  t.ok((await until(resident, (kB) => kB <= 260, "at most 260 kB resident")) > 0);
});

/** Interrupts PID 1's wait without a signal, as a debugger does: so many times, so many seconds apart (ptrace(2), x86-64). */
const INTERRUPT = `
  use Time::HiRes "sleep";
  my ($times, $apart) = @ARGV;
  my ($ptrace, $seize, $interrupt, $detach, $all) = (101, 0x4206, 0x4207, 17, 0x40000000);
  for (1 .. $times) {
    syscall($ptrace, $seize, 1, 0, 0) == 0 or die "seize: $!";
    syscall($ptrace, $interrupt, 1, 0, 0);
    waitpid 1, $all;
    syscall($ptrace, $detach, 1, 0, 0);
    sleep $apart;
  }
  print "interrupted $times times\\n"`;

onStatic(t, "a wait that is interrupted a thousand times in its life goes on", async (t, executable) => {
  const container = await start(t, executable, ["1000", "sh", "-c", "echo ready; exec sleep 600"], {
    flags: ["--cap-add=SYS_PTRACE"],
  });
  await container.waitForLog("ready");
  const ran = await container.exec(["perl", "-e", INTERRUPT, "1100", "0.003"]);
  t.equal(ran.stdout, "interrupted 1100 times\n", ran.stderr);
  await container.kill("TERM");
  t.equal(await container.wait(), 143);
});

onStatic(t, "interruptions do not put off the end of --grace", async (t, executable) => {
  const stubborn = "trap '' TERM; echo ready; while :; do sleep 0.2; done";
  const container = await start(t, executable, ["--grace", "2", "1000", "sh", "-c", stubborn], {
    flags: ["--cap-add=SYS_PTRACE"],
  });
  await container.waitForLog("ready");
  const interrupting = container.exec(["perl", "-e", INTERRUPT, "40", "0.5"]);
  await container.kill("TERM");
  t.equal(await container.wait(), 137);
  t.notMatch((await interrupting).stdout, "interrupted", "it ended before the interruptions did");
});

onBoth(t, "a stopped command can be continued, and PID 1 stays", async (t, executable) => {
  const container = await start(t, executable, ["1000", "sh", "-c", "echo ready; exec sleep 600"]);
  await container.waitForLog("ready");
  const command = async (): Promise<string> =>
    (await container.exec(["ps", "-o", "stat=", "-C", "sleep"])).stdout.trim();
  await container.kill("TSTP");
  await until(command, (state) => state.startsWith("T"), "the command stopped");
  await container.kill("CONT");
  await until(command, (state) => state.startsWith("S"), "the command running again");
  await container.stop();
  t.equal(await container.wait(), 143);
});
