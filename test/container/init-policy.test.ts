// What init does beside reaping and forwarding (DESIGN §7 and the init options), as PID 1 and not.

import t from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { compiled } from "../support/compile.ts";
import { type Container, run, start, until } from "../support/containers.ts";
import { onBoth, onStatic } from "../support/executables.ts";
import { nodeCannot } from "../support/node-limits.ts";

/** A case, and what must come of it. */
interface PolicyCase extends Case {
  readonly code: number;
  readonly stdout?: string | RegExp;
  readonly stderr?: string | RegExp;
}

/** bash functions for the cases below. */
const HELPERS = `
# wait_for TEXT [COUNT]: waits until so many lines of the case's output have the text; one that never comes is named there
wait_for() {
  for try in {1..3000}; do [ "$(grep -c "$1" /tmp/.out)" -ge "\${2:-1}" ] && return; sleep 0.02; done
  echo "no $1"; exit 99
}
# tell SIGNAL: waits until the command in the background has said "up", then signals tsgosu
tell() { wait_for up; kill -$1 $!; }
# left NAME: how many processes of that name there are
left() { ps -C "$1" -o stat= | grep -vc Z; }
# left_at_last NAME: the same, once those that have had their SIGKILL are gone
left_at_last() { for try in {1..3000}; do [ "$(left "$1")" = 0 ] && break; sleep 0.02; done; left "$1"; }
# pending SIGNAL PID: waits until the signal waits for the process, which is stopped
pending() {
  for try in {1..3000}; do
    perl -ne "exit 1 if /^ShdPnd:\\s*(\\w+)/ && hex(\\$1) >> $(kill -l $1) - 1 & 1" /proc/$2/status || return; sleep 0.02
  done
  echo "$1 is not pending"; exit 99
}
export -f wait_for
`;

/** For sh, in single quotes: waits until there are so many processes of that name. */
function untilThere(name: string, count: number): string {
  return `until [ "$(pgrep -cx ${name})" = ${count} ]; do sleep 0.02; done`;
}

/** Reports every SIGTERM, USR1 and so on, and ends at the second. */
const REPORTER = `perl -e '$| = 1; for my $s (qw(HUP INT QUIT TERM USR1 USR2)) { $SIG{$s} = sub { print "got $s\\n"; exit 3 if $s eq "USR2" } } print "up\\n"; sleep 1 for 1..500'`;
const IGNORER = `perl -e '$| = 1; $SIG{TERM} = "IGNORE"; print "up\\n"; sleep 1 for 1..500'`;

const CASES: readonly PolicyCase[] = [
  {
    name: "--ok-exit",
    script: "tsgosu -s -e 7 --ok-exit=143 --init 1000 sh -c 'exit 7' && tsgosu -se143 --init 1000 sh -c 'kill $$'",
    code: 0,
  },
  { name: "an option of init means init", script: "tsgosu -s -e 7 1000 sh -c 'exit 7'", code: 0 },
  {
    name: "--parent-death does not",
    script: "tsgosu -p TERM 1000 sh -c 'ps -o comm= -p $PPID'",
    code: 0,
    stdout: "bash\n",
  },
  {
    name: "--exec and an option of init",
    script: "tsgosu --exec --grace 3 1000 echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: --exec and an option of init: .*\ntsgosu: hint: leave .*\n$/,
  },
  { name: "--ok-exit of another code", script: "tsgosu -s -e 7 --init 1000 sh -c 'exit 8'", code: 8 },
  {
    name: "--rewrite",
    script: `tsgosu -s -r TERM:USR1 -r HUP:0 --rewrite=SIGINT:SIGUSR2 --init 1000 ${REPORTER} & tell HUP; kill -TERM $!; wait_for USR1; kill -INT $!; wait $!`,
    code: 3,
    stdout: "up\ngot USR1\ngot USR2\n",
  },
  {
    name: "a second SIGTERM is forwarded like the first",
    script: `tsgosu -s --init 1000 ${REPORTER} & tell TERM; wait_for "got TERM"; kill -TERM $!; wait_for "got TERM" 2; kill -USR2 $!; wait $!`,
    code: 3,
    stdout: "up\ngot TERM\ngot TERM\ngot USR2\n",
  },
  {
    name: "--kill-group",
    script: `tsgosu -s -g --init 1000 sh -c '${REPORTER.replaceAll("'", "'\\''")}; exit $?' & tell USR2; wait $!; code=$?; wait_for "got USR2"; exit $code`,
    // sh, which does not handle it, ends by it; its child has it too.
    code: 140,
    stdout: /got USR2/,
  },
  {
    name: "without --kill-group",
    script: `tsgosu -s --init 1000 sh -c '${REPORTER.replaceAll("'", "'\\''")}; exit $?' & tell USR2; wait $!; code=$?; pkill -TERM -x perl; wait_for "got TERM"; pkill -KILL -x perl; exit $code`,
    code: 140,
    // Of two signals that wait, perl reports the one with the lower number first: had USR2 come, it would stand here.
    stdout: "up\ngot TERM\n",
  },
  {
    name: "--kill-group of a command that has left its group",
    script: `tsgosu -s -g --init 1000 bash -c 'exec perl -e "\\$| = 1; setpgrp(0, getpgrp(getppid())) or die; \\$SIG{USR2} = sub { print qq(got it\\n); exit 4 }; print qq(up\\n); sleep 1 for 1..500"' & tell USR2; wait $!`,
    code: 4,
    stdout: "up\ngot it\n",
  },
  {
    name: "--grace: a command that ignores SIGTERM, and what it started",
    script: `tsgosu -s --grace 0.5 --init 1000 bash -c 'setsid sleep 601 & sleep 601 & exec ${IGNORER.replaceAll("'", "'\\''")}' & tell TERM; wait $!; code=$?; left_at_last sleep; exit $code`,
    code: 137,
    stdout: "up\n0\n",
  },
  {
    name: "--grace: a command that ends in time",
    script: `tsgosu -s --grace 60 --init 1000 bash -c 'trap "sleep 0.3; exit 6" TERM; echo up; while :; do sleep 0.1; done' & tell TERM; wait $!`,
    code: 6,
  },
  {
    // Counted from the last, it would never end.
    name: "--grace: not before its time, counted from the first signal",
    script: `tsgosu -s --grace 1 --init 1000 ${IGNORER} & wait_for up; t0=$EPOCHREALTIME
      for try in {1..300}; do kill -TERM $! 2>/dev/null || break; sleep 0.2; done
      kill -0 $! 2>/dev/null && echo "it outlives $try signals" && kill -KILL $!; wait $!; code=$?; t1=$EPOCHREALTIME
      ms=$(( (\${t1/./} - \${t0/./}) / 1000 )); [ $ms -ge 1000 ] || echo "after $ms ms"; exit $code`,
    code: 137,
    stdout: "up\n",
  },
  {
    name: "--grace: a stopped command",
    script: `tsgosu -s --grace 0.3 --init 1000 ${REPORTER} & wait_for up; pkill -STOP -P $!; kill -TERM $!; wait $!`,
    code: 137,
    stdout: "up\n",
  },
  {
    name: "--grace as a subreaper: the session around it is let be",
    script: `setpriv --reuid 1000 --regid 1000 --clear-groups bash -c '
      sleep 602 & setsid sleep 602 &
      tsgosu -s --grace 0.3 --orphans stop --init 1000 bash -c "setsid sleep 603 & (setsid sleep 603 &); trap : TERM; echo up; while :; do sleep 0.1; done" & me=$!
      wait_for up; kill -TERM $me; wait $me; echo $?'; ps -C sleep -o args= | sort; pkill -f "^sleep 602"`,
    code: 0,
    stdout: "up\n137\nsleep 602\nsleep 602\n",
  },
  {
    name: "--grace without subreaper: the command's group",
    script: `tsgosu --grace 0.3 --init 1000 bash -c 'sleep 604 & exec ${IGNORER.replaceAll("'", "'\\''")}' & tell TERM; wait $!; code=$?; left_at_last sleep; exit $code`,
    code: 137,
    stdout: "up\n0\n",
    stderr: /^tsgosu: orphans cannot be reaped: .*--subreaper.*\n$/,
  },
  ...["stop", "reap"].flatMap((what): PolicyCase[] => [
    {
      name: `--orphans ${what}: daemons that end when asked`,
      script: `timeout 50 tsgosu --orphans ${what} --grace 60 --init 1000 sh -c 'target daemons 4 obey & ${what === "stop" ? untilThere("target", 5) : "sleep 0.3"}; kill -9 $!; exit 5'; code=$?; left target; exit $code`,
      code: 5,
      stdout: "0\n",
      stderr: "",
    },
    {
      name: `--orphans ${what}: five generations that ignore SIGTERM`,
      script: `tsgosu --orphans ${what} --grace 0.5 --init 1000 sh -c 'target daemons 5 ignore & ${untilThere("target", 6)}; exit 5'; code=$?; left target; exit $code`,
      code: 5,
      stdout: "0\n",
    },
    {
      name: `--orphans ${what}: nothing remains`,
      script: `timeout -k 5 60 tsgosu --orphans ${what} --grace 600 --init 1000 sh -c 'exit 5'`,
      code: 5,
      stdout: "",
    },
    {
      name: `--orphans ${what}: a stopped daemon`,
      script: `timeout -k 5 60 tsgosu --orphans ${what} --grace 600 --init 1000 sh -c 'setsid sh -c "kill -STOP \\$\\$" & until ps -C sh -o stat= | grep -q T; do sleep 0.02; done; exit 5'`,
      code: 5,
      stdout: "",
    },
  ]),
  {
    name: "--orphans leave",
    script:
      "tsgosu -s --init 1000 sh -c 'setsid sleep 105 & until pgrep -x sleep >/dev/null; do :; done; exit 5'; code=$?; left sleep; pkill sleep; exit $code",
    code: 5,
    stdout: "1\n",
  },
  {
    name: "--orphans reap: a daemon while the command runs",
    script: `tsgosu --orphans reap --init 1000 bash -c 'rm -f /tmp/pid; (setsid sh -c "echo \\$\\$ >/tmp/pid; exec sleep 606" &); sleep 607 & until [ -s /tmp/pid ]; do sleep 0.01; done; for try in {1..1200}; do kill -0 $(cat /tmp/pid) 2>/dev/null || break; sleep 0.05; done; ps -C sleep -o args= | grep 60; exit 5'`,
    code: 5,
    stdout: "sleep 607\n",
  },
  {
    name: "--orphans reap: children from before the command are spared",
    script: `bash -c 'sleep 108 & exec tsgosu --orphans reap --init 1000 sleep 1'; left sleep; pkill sleep`,
    code: 0,
    stdout: "1\n",
  },
  {
    name: "a warning where orphans cannot be reaped",
    script: "tsgosu --init 1000 true",
    code: 0,
    stderr: /^tsgosu: orphans cannot be reaped: [^\n]*\n$/,
  },
  { name: "no warning as a subreaper", script: "tsgosu --subreaper --init 1000 true", code: 0, stderr: "" },
  {
    name: "--subreaper: an orphan becomes tsgosu's",
    script: `tsgosu -s --init 1000 bash -c '(exit 9) & exec perl -e "pipe R, W; unless (fork) { unless (fork) { select undef, undef, undef, 0.02 while getppid != \\$ARGV[0] && \\$n++ < 3000; print getppid == \\$ARGV[0] ? qq(adopted\\n) : getppid; exit } exit } close W; <R>" $PPID'`,
    code: 0,
    stdout: "adopted\n",
  },
  {
    name: "--parent-death, exec: the command gets it, though the user was switched",
    script: `bash -c 'tsgosu -p USR2 --exec 1000 ${REPORTER.replaceAll("'", "'\\''")} & wait_for up'; wait_for "got USR2"`,
    code: 0,
  },
  {
    name: "--parent-death, init: tsgosu gets it and forwards it",
    script: `bash -c 'tsgosu -s --parent-death=USR2 --init 1000 ${REPORTER.replaceAll("'", "'\\''")} & wait_for up'; wait_for "got USR2"`,
    code: 0,
  },
  {
    name: "SIGCHLD ignored at the start",
    script: `perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' tsgosu -s --init 1000 sh -c 'exit 5'`,
    code: 5,
  },
  {
    name: "SIGCHLD sent by somebody",
    script: `tsgosu -s --init 1000 ${REPORTER} & wait_for up; for i in {1..50}; do kill -CHLD $!; done; kill -USR2 $!; wait $!`,
    code: 3,
    stdout: "up\ngot USR2\n",
  },
  {
    name: "signals while the command is stopped arrive when it goes on",
    script: `tsgosu -s --init 1000 ${REPORTER} & wait_for up; pkill -STOP -P $!; kill -TERM $!; pending TERM $(pgrep -P $!); kill -CONT $!; wait_for "got TERM"; kill -USR2 $!; wait $!`,
    code: 3,
    stdout: "up\ngot TERM\ngot USR2\n",
  },
  {
    name: "commands that end at once",
    script: "for i in {1..40}; do tsgosu -s --init 1000 true & kill -CHLD $! 2>/dev/null; wait $! || echo $?; done",
    code: 0,
    stdout: "",
  },
  {
    name: "a command that cannot be executed, in init mode",
    script:
      "echo x >/tmp/noexec; chmod 755 /tmp/noexec; tsgosu -s --init 1000 /tmp/noexec; echo $?; tsgosu -s --init 1000 /nosuch; echo $?",
    code: 0,
    stdout: "126\n127\n",
  },
  {
    name: "LISTEN_PID that names tsgosu names the command",
    script: `bash -c 'export LISTEN_FDS=1 LISTEN_PID=$$; exec tsgosu -s --init 1000 sh -c "[ \\$LISTEN_PID = \\$\\$ ] && readlink /proc/self/fd/3; env | grep -c ^LISTEN_PID; exit 5"' 3</etc/passwd`,
    code: 5,
    stdout: "/etc/passwd\n1\n",
  },
  {
    name: "LISTEN_PID of somebody else stays",
    script: `LISTEN_FDS=1 LISTEN_PID=4711 tsgosu -s --init 1000 sh -c 'echo $LISTEN_PID'`,
    code: 0,
    stdout: "4711\n",
  },
  {
    name: "LISTEN_PID, and a command that is not there",
    script: `bash -c 'export LISTEN_FDS=1 LISTEN_PID=$$; exec tsgosu -s --init 1000 nosuch'`,
    code: 127,
    stderr: /^tsgosu: nosuch: not found/,
  },
];

onBoth(t, "init where it is not PID 1", async (t, executable) => {
  const results = await runCases(executable, CASES, {
    before: HELPERS,
    flags: ["-v", `${compiled("target")}:/usr/local/bin/target:ro`],
  });
  for (const { name, code, stdout, stderr } of CASES) {
    const result = results.get(name);
    t.equal(result?.code, code, `${name}: exit code; ${result?.stdout} ${result?.stderr}`);
    if (stdout !== undefined) t.match(result?.stdout, whole(stdout), `${name}: standard output`);
    if (stderr !== undefined) t.match(result?.stderr, whole(stderr), `${name}: standard error`);
  }
});

/** A pattern that a text matches if it is this text. */
function whole(expected: string | RegExp): RegExp {
  return typeof expected === "string" ? new RegExp(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`) : expected;
}

onBoth(t, "an ignored SIGCHLD stays the command's", async (t, executable) => {
  const script = `perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' tsgosu -s --init 1000 grep SigIgn /proc/self/status`;
  const result = (await runCases(executable, [{ name: "one", script }])).get("one");
  const ignored = Number.parseInt(/SigIgn:\s*(\w+)/.exec(result?.stdout ?? "")?.[1]?.slice(-8) ?? "", 16);
  t.equal((ignored >> 16) & 1, nodeCannot(executable, "ignored-signals") ? 0 : 1);
});

onBoth(t, "PID 1, --grace: all is killed, and the exit code is 137", async (t, executable) => {
  const script = `setsid ${IGNORER} & trap '' TERM; echo ready; sleep 600`;
  const container = await start(t, executable, ["--grace", "1", "1000", "bash", "-c", script]);
  await container.waitForLog("ready");
  await container.stop();
  t.equal(await container.wait(), 137);
});

onBoth(t, "PID 1, --orphans stop: what remains has time to end, and no more than that", async (t, executable) => {
  const script = `setsid bash -c 'trap "sleep 0.5; echo flushed; exit" TERM; touch /tmp/up; while :; do sleep 0.1; done' & until [ -e /tmp/up ]; do sleep 0.02; done; exit 5`;
  const ran = await run(executable, ["--orphans", "stop", "--grace", "60", "1000", "bash", "-c", script]);
  t.equal(ran.code, 5);
  t.match(ran.stdout, /flushed/);
  // Longer than the usual ten seconds, which who does not look at --grace would wait.
  const deaf = await run(
    executable,
    [
      "--orphans",
      "stop",
      "--grace",
      "12",
      "1000",
      "sh",
      "-c",
      `target daemons 5 ignore & ${untilThere("target", 6)}; exit 5`,
    ],
    {
      flags: ["-v", `${compiled("target")}:/usr/local/bin/target:ro`],
    },
  );
  t.equal(deaf.code, 5, deaf.stderr);
  t.ok(deaf.ms >= 12_000, `${Math.round(deaf.ms)} ms`);
});

onBoth(t, "PID 1, --orphans reap: daemons are asked to end as soon as they are orphans", async (t, executable) => {
  const script = "target daemons 3 obey & sleep 0.3; kill -9 $!; wait; echo ready; exec sleep 600";
  const container = await start(t, executable, ["--orphans", "reap", "1000", "sh", "-c", script], {
    flags: ["-v", `${compiled("target")}:/usr/local/bin/target:ro`],
  });
  await container.waitForLog("ready");
  await until(
    async () => (await container.exec(["ps", "-C", "target", "-o", "pid="])).stdout.trim(),
    (list) => list === "",
    "no daemon any more",
  );
  t.equal((await container.exec(["ps", "-C", "sleep", "-o", "args="])).stdout, "sleep 600\n", "the command runs on");
});

onBoth(t, "PID 1: a burst of 10,000 signals from inside, SIGCHLD among them", async (t, executable) => {
  const container = await start(t, executable, ["1000", "target", "count", "10", "1"], {
    flags: ["-v", `${compiled("target")}:/usr/local/bin/target:ro`],
  });
  await container.waitForLog("ready");
  const sent = await container.exec(["sh", "-c", "target burst 1 17 5000; target burst 1 10 10000"]);
  t.equal(sent.code, 0, sent.stderr);
  const counted = Number(/counted (\d+)/.exec(await container.waitForLog("counted"))?.[1]);
  // Equal signals that wait are one (signal(7)): at least the last arrives, and there are never more than were sent.
  t.ok(counted >= 1 && counted <= 10_000, `${counted} arrived`);
});

onStatic(t, "PID 1: of 10,000 real-time signals, every one arrives once", async (t, executable) => {
  const container = await start(t, executable, ["1000", "target", "count", "40", "10000"], {
    flags: ["-v", `${compiled("target")}:/usr/local/bin/target:ro`],
  });
  await container.waitForLog("ready");
  t.equal((await container.exec(["target", "burst", "1", "40", "10000"])).code, 0);
  t.match(await container.waitForLog("counted"), "counted 10000\n");
});

onBoth(t, "PID 1: signals from outside and from inside", async (t, executable) => {
  const container = await start(t, executable, ["-e", "3", "1000", "sh", "-c", `exec ${REPORTER}`]);
  await container.waitForLog("up");
  await container.kill("TERM");
  await container.waitForLog("got TERM");
  await fromInside(container, "USR1");
  await container.waitForLog("got USR1");
  await fromInside(container, "USR2");
  t.equal(await container.wait(), 0, "with --ok-exit");
});

async function fromInside(container: Container, signal: string): Promise<void> {
  await container.exec(["sh", "-c", `kill -${signal} 1`]);
}
