// What a command can do to the init above it that runs as the same user, and what init needs while it runs.

import t from "tap";
import { type Case, runCases, runScript } from "../support/cases.ts";
import { run, start } from "../support/containers.ts";
import { onBoth, onStatic } from "../support/executables.ts";

onBoth(t, "the command cannot stop init as a debugger does, who is the user already too", async (t, executable) => {
  for (const [words, flags] of [
    [["1000:1000"], []],
    [["1000:1000"], ["--user=1000:1000"]],
    [["--if-root", "app"], ["--user=1000:1000"]],
    [
      ["--if-root", "--restricted", "app"],
      ["--user=1000:1000", "--cap-drop=ALL"],
    ],
  ] as const) {
    const ran = await run(executable, [...words, "probe", "freeze", "1"], { flags });
    t.match(ran, { code: 99, stdout: "", stderr: /^ptrace: Operation not permitted\n/ }, `${words} with ${flags}`);
  }
});

onBoth(t, "the command can neither read nor replace the program of the init above it", async (t, executable) => {
  const script = "head -c 1 /proc/1/exe; (: 1<>/proc/1/exe); ls /proc/1/cwd/";
  for (const flags of [[], ["--user=1000:1000"]]) {
    const ran = await run(executable, ["1000:1000", "sh", "-c", script], { flags });
    t.match({ code: ran.code, stdout: ran.stdout }, { code: 2, stdout: "" }, `with ${flags}`);
    t.equal(ran.stderr.match(/Permission denied/g)?.length, 3, ran.stderr);
  }
});

onBoth(t, "an init that cannot be out of reach does not start the command", async (t, executable) => {
  const script =
    "setpriv --reuid 1000 --regid 1000 --clear-groups probe refuse 'prctl dumpable' 1 tsgosu -s --init 1000:1000 echo ran";
  const ran = await runScript(executable, script);
  t.match(ran, {
    code: 125,
    stdout: "",
    stderr: /^tsgosu: the command could stop tsgosu, .* is refused\ntsgosu: hint: /,
  });
});

/** A script that orphans a process, and ends when that is gone. */
const ORPHAN = "(setsid sleep 600 &); until ! pgrep -x sleep >/dev/null; do :; done; echo gone; exit 3";

onBoth(t, "--orphans reap sees orphans although the command leaves init no descriptor", async (t, executable) => {
  const ran = await run(executable, [
    "--orphans",
    "reap",
    "1000",
    "bash",
    "-c",
    `prlimit --pid 1 --nofile=0:0; ${ORPHAN}`,
  ]);
  t.match(ran, { code: 3, stdout: "gone\n", stderr: "" });
});

onStatic(t, "an init that waits needs no more memory", async (t, executable) => {
  const ran = await run(executable, ["--orphans", "reap", "1000", "bash", "-c", `prlimit --pid 1 --as=0:0; ${ORPHAN}`]);
  t.match(ran, { code: 3, stdout: "gone\n", stderr: "" });
  const script = "prlimit --pid 1 --as=0:0; trap 'exit 4' TERM; echo up; while :; do sleep 0.1; done";
  const container = await start(t, executable, ["--grace", "60", "1000", "bash", "-c", script]);
  await container.waitForLog("up");
  await container.kill("TERM");
  t.equal(await container.wait(), 4);
});

/** What the command has above 2, by the name of the case. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  none: [],
  two: ["3 /etc/hostname", "4 /etc/passwd"],
  "a gap": ["4 /etc/passwd"],
  "a device": ["3 /dev/null"],
};

onBoth(t, "only descriptors that were inherited are handed on, whatever LISTEN_FDS says", async (t, executable) => {
  // find(1) opens /proc/self/fd for itself.
  const list = "find /proc/self/fd -type l -printf '%f %l\\n'";
  const cases: Case[] = [];
  for (const mode of ["--exec", "--init -s"])
    for (const [name, opened] of [
      ["none", ""],
      ["two", "3</etc/hostname 4</etc/passwd"],
      ["a gap", "4</etc/passwd"],
      ["a device", "3</dev/null"],
    ])
      for (const count of [2, 100])
        cases.push({
          name: `${mode}, ${name}, ${count}`,
          script: `LISTEN_FDS=${count} tsgosu ${mode} 1000 ${list} ${opened} | sort -n`,
        });
  const results = await runCases(executable, cases);
  for (const { name } of cases) {
    const shown = (results.get(name)?.stdout ?? "")
      .split("\n")
      .filter((line) => /^([3-9]|\d\d)/.test(line) && !line.endsWith(" /") && !line.endsWith("/fd"));
    const [, opened = ""] = name.split(", ");
    t.same(shown, EXPECTED[opened], `${name}: ${results.get(name)?.stderr}`);
  }
});

onBoth(t, "nothing that tsgosu opened for its own work reaches the command", async (t, executable) => {
  const list = "find /proc/self/fd -type l -printf '%f %l\\n'";
  const work = "--match /m --chown /c --group-of /m --verbose";
  const before =
    "id app >/dev/null 2>&1 || useradd -u 10001 -m app; rm -rf /m /c; mkdir -p /m /c/d; touch /c/d/f; chown 1000:1000 /m";
  const cases: readonly Case[] = ["--exec", "--init -s"].map((mode) => ({
    name: mode,
    script: `cd /; tsgosu ${mode} ${work} app ${list}; stat -c %U /c/d/f`,
  }));
  const results = await runCases(executable, cases, { before });
  for (const { name } of cases) {
    const ran = results.get(name);
    const above = (ran?.stdout ?? "").split("\n").filter((line) => /^([3-9]|\d\d)/.test(line));
    // find(1) opens the directory it lists, and the one it was started in.
    t.same(
      above.filter((line) => !/ (\/|\/proc\/\d+\/fd)$/.test(line)),
      [],
      `${name}: ${ran?.stdout}`,
    );
    t.match(ran?.stdout, /^0 .*^app$/ms, `${name}: the work was done: ${ran?.stderr}`);
  }
});

onStatic(t, "what init may not do ends it with a line, and nothing makes it spin", async (t, executable) => {
  const cases: readonly (Case & { readonly error: RegExp })[] = [
    ["kill", 38, /^tsgosu: cannot send signals: unknown to this kernel\ntsgosu: hint: .*kill/],
    ["rt_sigtimedwait", 11, /^tsgosu: cannot wait for signals: resource temporarily unavailable\n/],
    ["rt_sigtimedwait", 4, /^tsgosu: cannot wait for signals: interrupted\n/],
    ["wait4", 4, /^tsgosu: cannot wait for children: interrupted\n/],
  ].map(([call, errno, error]) => ({
    name: `${call} ${errno}`,
    script: `probe refuse ${call} ${errno} tsgosu -s --init --grace 60 1000 sh -c 'echo up >/tmp/up; exec sleep ${call === "wait4" ? 1 : 60}' & until [ -e /tmp/up ]; do sleep 0.05; done; kill -TERM $!; wait $!`,
    error: error as RegExp,
  }));
  const results = await runCases(executable, cases, { before: "rm -f /tmp/up; mkdir -p /tmp; chmod 1777 /tmp" });
  for (const { name, error } of cases) {
    const ran = results.get(name);
    t.equal(ran?.code, 125, name);
    t.match(ran?.stderr, error, name);
    t.ok((ran?.cpuMs ?? 0) < 5000, `${name}: ${ran?.cpuMs} ms of processor time`);
  }
});

onBoth(t, "--grace with hundreds of processes of another user", async (t, executable) => {
  const script = [
    "cp /usr/local/bin/probe /become; chmod 4755 /become",
    "tsgosu -s --init --orphans stop --grace 0.5 1000 bash -c 'for i in {1..600}; do /become become 0 setsid sleep 600 & done; until [ $(pgrep -cx sleep) = 600 ]; do sleep 0.1; done; exit 5'",
    "code=$?; pgrep -cx sleep; pkill -9 -x sleep; exit $code",
  ].join("\n");
  const ran = await runScript(executable, script);
  t.match({ code: ran.code, stdout: ran.stdout }, { code: 5, stdout: "600\n" }, ran.stderr);
  // A look at all of them for each one that may not be signalled takes a minute.
  t.ok(ran.cpuMs < 20_000, `${ran.cpuMs} ms of processor time`);
});
