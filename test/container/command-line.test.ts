// Options, names, error lines and exit codes (DESIGN §2), where tsgosu is not PID 1.

import t from "tap";
import { VERSION } from "../../src/version.ts";
import { type Case, runCases, runScript } from "../support/cases.ts";
import { onBoth, onStatic } from "../support/executables.ts";

/** A case, and what must come of it; what is not named is not looked at. */
interface LineCase extends Case {
  readonly code: number;
  readonly stdout?: string | RegExp;
  readonly stderr?: string | RegExp;
}

/** Files that the cases run: each kind that execve(2) refuses for a reason of its own. */
const FILES = `
if [ ! -d /t ]; then
  mkdir -p /t/directory /t/locked /home/app
  echo 'app:x:1000:1000::/home/app:/bin/bash' >>/etc/passwd
  printf '#!/bin/sh\\necho script\\n' >/t/script; chmod 755 /t/script
  printf 'echo no first line\\n' >/t/plain; chmod 755 /t/plain
  printf '#!/no/such/shell\\n' >/t/interpreter; chmod 755 /t/interpreter
  printf '#!/bin/sh\\n' >/t/forbidden; chmod 644 /t/forbidden
  printf '#!/bin/sh\\n' >/t/root-only; chmod 700 /t/root-only
  cp /bin/true /t/locked/true; chmod 700 /t/locked
  : >/t/empty; chmod 755 /t/empty
  # An executable of an architecture that nobody has an emulator for (EM_M32).
  cp /bin/true /t/foreign; printf '\\001\\000' | dd of=/t/foreign bs=1 seek=18 conv=notrunc status=none
  ln -s loop /t/loop
  mkdir /t/first /t/second; printf x >/t/first/both; cp /bin/true /t/second/both
  for name in gosu su-exec entrypoint; do ln -s /usr/local/bin/tsgosu /t/$name; done
fi`;

const BAD_INPUT: readonly LineCase[] = [
  { name: "nothing", script: "tsgosu", code: 125, stderr: /^tsgosu: no user-spec.*\ntsgosu: hint: usage: .*\n$/ },
  {
    name: "no command",
    script: "tsgosu app",
    code: 125,
    stderr: /^tsgosu: no command after user-spec 'app'\ntsgosu: hint: .*\n$/,
  },
  { name: "no command after --", script: "tsgosu -- app", code: 125, stderr: /^tsgosu: no command/ },
  {
    name: "unknown option",
    script: "tsgosu --nosuch app true",
    code: 125,
    stderr: /^tsgosu: --nosuch: unknown option\n/,
  },
  {
    name: "an option that is written wrongly",
    script: "tsgosu --keep-group app true",
    code: 125,
    stderr: /^tsgosu: --keep-group: unknown option\ntsgosu: hint: is --keep-groups meant\? [^\n]*\n$/,
  },
  {
    name: "an option after the user-spec",
    script: "tsgosu app --init true",
    code: 127,
    stderr: /^tsgosu: --init: not found in PATH\ntsgosu: hint: [^\n]*options go before the user-spec\n$/,
  },
  {
    name: "one word with the names of two options",
    script: "tsgosu '--match --chown' /t app echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: --match --chown: unknown option\ntsgosu: hint: .*\n$/,
  },
  {
    name: "a value that was forgotten",
    script: "tsgosu --match --if-root app echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: --match: its value is missing before --if-root\ntsgosu: hint: .*--match=--if-root\n$/,
  },
  {
    name: "a bad value",
    script: "tsgosu --grace 10s app echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: --grace '10s': invalid value\ntsgosu: hint: SECONDS is [^\n]*\n$/,
  },
  ...["--help", "--version", "--check", "--check --json", "--explain OOMKilled"].map((option) => ({
    name: `${option} to a full device`,
    script: `tsgosu ${option} >/dev/full`,
    code: 125,
    stderr: /^tsgosu: standard output: cannot be written: no space left on device\n$/,
  })),
  {
    name: "an empty user-spec",
    script: `unset APP_USER; tsgosu "$APP_USER" echo ran`,
    code: 125,
    stdout: "",
    stderr: /^tsgosu: the user-spec is empty\ntsgosu: hint: is the variable [^\n]* set\?\n$/,
  },
  {
    name: "--exec and --init",
    script: "tsgosu --exec --init app true",
    code: 125,
    stderr: /^tsgosu: --exec and --init: /,
  },
  { name: "an empty command", script: "tsgosu app ''", code: 127, stderr: /^tsgosu: .*not found/ },
  {
    name: "not in PATH",
    script: "tsgosu app nosuch",
    code: 127,
    stderr: /^tsgosu: nosuch: not found in PATH\ntsgosu: hint: .*\n$/,
  },
  {
    name: "no such file",
    script: "tsgosu app /t/nosuch",
    code: 127,
    stderr: /^tsgosu: \/t\/nosuch: no such file or directory\n/,
  },
  {
    name: "below a file",
    script: "tsgosu app /t/script/x",
    code: 127,
    stderr: /^tsgosu: \/t\/script\/x: no such file/,
  },
  {
    name: "no PATH but elsewhere",
    script: "PATH=/nosuch /usr/local/bin/tsgosu app true",
    code: 127,
    stderr: /not found in PATH/,
  },
  {
    name: "a directory",
    script: "tsgosu app /t/directory",
    code: 126,
    stderr: /^tsgosu: \/t\/directory: cannot run: is a directory\n/,
  },
  {
    name: "not executable",
    script: "tsgosu app /t/forbidden",
    code: 126,
    stderr: /^tsgosu: \/t\/forbidden: cannot run: permission denied\n/,
  },
  {
    name: "not executable even for root",
    script: "tsgosu root /t/forbidden",
    code: 126,
    stderr: /cannot run: permission denied\n/,
  },
  {
    name: "executable for root alone",
    script: "tsgosu app /t/root-only",
    code: 126,
    stderr: /cannot run: permission denied\n/,
  },
  {
    name: "in a locked directory",
    script: "tsgosu app /t/locked/true",
    code: 126,
    stderr: /cannot run: permission denied\n/,
  },
  {
    name: "of another architecture",
    script: "tsgosu app /t/foreign",
    code: 126,
    stderr: /cannot run: exec format error\ntsgosu: hint: .*architecture/,
  },
  { name: "without #!", script: "tsgosu app /t/plain", code: 126, stderr: /cannot run: exec format error\n/ },
  { name: "empty", script: "tsgosu app /t/empty", code: 126, stderr: /cannot run: exec format error\n/ },
  {
    name: "without its interpreter",
    script: "tsgosu app /t/interpreter",
    code: 126,
    stderr: /cannot run: .*\ntsgosu: hint: .*interpreter/,
  },
  { name: "a loop of links", script: "tsgosu app /t/loop", code: 126, stderr: /too many levels of symbolic links/ },
  {
    name: "a name too long",
    script: `tsgosu app /${"x".repeat(300)}`,
    code: 126,
    stderr: /cannot run: file name too long/,
  },
  {
    name: "a script with --init",
    script: "tsgosu --init -s app /t/plain",
    code: 126,
    stderr: /^tsgosu: \/t\/plain: cannot run: exec format error\n/,
  },
  {
    name: "not found with --init",
    script: "tsgosu --init app nosuch",
    code: 127,
    stderr: /^tsgosu: nosuch: not found in PATH\n/,
  },
  { name: "one word of several", script: "tsgosu app 'echo hello'", code: 127, stderr: /hint: .*separate words/ },
  {
    name: "no permission to switch",
    script: "setpriv --reuid 4711 --regid 4711 --clear-groups tsgosu app echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: cannot become 1000:1000: tsgosu runs as 4711:4711.*\ntsgosu: hint: .*--if-root\n$/,
  },
  {
    name: "no permission, and only the group differs",
    script: "setpriv --reuid 1000 --regid 4711 --clear-groups tsgosu app echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: cannot become 1000:1000: tsgosu runs as 1000:4711/,
  },
  {
    name: "no permission, and only a supplementary group is too much",
    script: "setpriv --reuid 1000 --regid 1000 --groups 0 tsgosu app echo ran",
    code: 125,
    stdout: "",
    stderr: /^tsgosu: cannot become 1000:1000/,
  },
];

const GOOD_INPUT: readonly LineCase[] = [
  { name: "--help", script: "tsgosu --help", code: 0, stdout: /^usage: tsgosu \[options\]/, stderr: "" },
  { name: "-h", script: "tsgosu -h nosuch", code: 0, stdout: /^usage: /, stderr: "" },
  { name: "--version", script: "tsgosu --version", code: 0, stdout: `tsgosu ${VERSION}\n`, stderr: "" },
  { name: "-v", script: "tsgosu -v", code: 0, stdout: `tsgosu ${VERSION}\n`, stderr: "" },
  {
    name: "the command's own options",
    script: "tsgosu app echo -v --help --init -- -x",
    code: 0,
    stdout: "-v --help --init -- -x\n",
  },
  { name: "-- before the user-spec", script: "tsgosu --exec -- app echo x", code: 0, stdout: "x\n" },
  {
    name: "-- after the user-spec is the command",
    script: "tsgosu app -- echo x",
    code: 127,
    stderr: /^tsgosu: --: not found/,
  },
  { name: "an empty argument", script: "tsgosu app printf '[%s]' '' a ''", code: 0, stdout: "[][a][]" },
  { name: "a script", script: "tsgosu app /t/script", code: 0, stdout: "script\n" },
  { name: "a relative path", script: "cd /t; tsgosu app ./script", code: 0, stdout: "script\n" },
  { name: "a relative path with --init", script: "cd /t; tsgosu --init app ./script", code: 0, stdout: "script\n" },
  {
    name: "an empty part of PATH",
    script: "cd /t; PATH=:/usr/local/bin tsgosu app script",
    code: 0,
    stdout: "script\n",
  },
  { name: "PATH unset", script: "unset PATH; /usr/local/bin/tsgosu app true", code: 0, stderr: "" },
  { name: "the next one in PATH", script: "PATH=/t/first:/t/second:$PATH tsgosu app both", code: 0, stderr: "" },
  { name: "HOME", script: "HOME=/elsewhere tsgosu app sh -c 'echo $HOME'", code: 0, stdout: "/home/app\n" },
  {
    name: "without --login",
    script: "unset USER LOGNAME SHELL; tsgosu app env | grep -E '^(HOME|USER|LOGNAME|SHELL)=' | sort",
    code: 0,
    stdout: "HOME=/home/app\n",
  },
  {
    name: "--login",
    script: "tsgosu --login app env | grep -E '^(HOME|USER|LOGNAME|SHELL)=' | sort",
    code: 0,
    stdout: "HOME=/home/app\nLOGNAME=app\nSHELL=/bin/bash\nUSER=app\n",
  },
  {
    name: "--login and the user's number",
    script: "USER=x tsgosu --login 1000 env | grep -E '^(HOME|USER|LOGNAME|SHELL)=' | sort",
    code: 0,
    stdout: "HOME=/home/app\nLOGNAME=app\nSHELL=/bin/bash\nUSER=app\n",
  },
  {
    name: "--if-root as root",
    script: "tsgosu --if-root app probe who",
    code: 0,
    stdout: "uid=1000,1000,1000 gid=1000,1000,1000 groups=1000 home=/home/app\n",
  },
  {
    name: "--if-root as somebody else",
    script: "HOME=/mine setpriv --reuid 4711 --regid 4712 --clear-groups tsgosu --if-root app probe who",
    code: 0,
    stdout: "uid=4711,4711,4711 gid=4712,4712,4712 groups= home=/mine\n",
    stderr: "",
  },
  {
    name: "--if-root with a user that is not there",
    script: "setpriv --reuid 4711 --regid 4712 --clear-groups tsgosu --if-root nosuch true",
    code: 0,
  },
  {
    name: "already that user, without any capability",
    script: "setpriv --reuid 1000 --regid 1000 --clear-groups --bounding-set -all tsgosu app probe who",
    code: 0,
    stdout: "uid=1000,1000,1000 gid=1000,1000,1000 groups= home=/home/app\n",
    stderr: "",
  },
  {
    name: "--verbose",
    script: "tsgosu --verbose app echo ran",
    code: 0,
    stdout: "ran\n",
    stderr: /^tsgosu: .*1000:1000.*\n$/,
  },
  { name: "silent without it", script: "tsgosu --init -s app true", code: 0, stdout: "", stderr: "" },
];

const AS_GOSU: readonly LineCase[] = ["gosu", "su-exec"].flatMap((name) => [
  {
    name: `${name}: switches`,
    script: `/t/${name} app probe who`,
    code: 0,
    stdout: /^uid=1000,1000,1000 gid=1000,1000,1000 groups=1000 /,
  },
  {
    name: `${name}: a group`,
    script: `/t/${name} app:0 probe who`,
    code: 0,
    stdout: /^uid=1000,1000,1000 gid=0,0,0 groups=0 /,
  },
  {
    name: `${name}: an empty user-spec is the current user`,
    script: `/t/${name} '' probe who`,
    code: 0,
    stdout: /^uid=0,0,0 gid=0,0,0 /,
  },
  { name: `${name}: knows no other option`, script: `/t/${name} --init app true`, code: 125, stderr: /^tsgosu: / },
  { name: `${name}: --version`, script: `/t/${name} --version`, code: 0, stdout: `tsgosu ${VERSION}\n` },
  { name: `${name}: --help`, script: `/t/${name} --help`, code: 0, stdout: /usage/i },
  { name: `${name}: in PATH`, script: `PATH=/t:$PATH ${name} app id -u`, code: 0, stdout: "1000\n" },
  { name: `${name}: not found`, script: `/t/${name} app nosuch`, code: 127, stderr: /nosuch: not found in PATH/ },
  { name: `${name}: no command`, script: `/t/${name} app`, code: 125, stderr: /no command/ },
]);

const MODES: readonly LineCase[] = [
  {
    name: "not PID 1: exec",
    script: "tsgosu app probe place & pid=$!; wait $pid; echo $pid",
    code: 0,
    stdout: /^pid=(\d+) .*\n\1\n$/,
  },
  {
    name: "--init: a child that leads a group, with the working directory",
    script: "cd /t; tsgosu --init app probe place & pid=$!; wait $pid; echo $pid",
    code: 0,
    stdout: /^pid=\d+ ppid=(\d+) leads=1 cwd=\/t\n\1\n$/,
  },
  { name: "another name is tsgosu", script: "/t/entrypoint --version", code: 0, stdout: /^tsgosu / },
];

onBoth(t, "the command line", async (t, executable) => {
  const table = [...BAD_INPUT, ...GOOD_INPUT, ...AS_GOSU, ...MODES];
  const results = await runCases(executable, table, { before: FILES });
  for (const { name, code, stdout, stderr } of table) {
    const result = results.get(name);
    t.equal(result?.code, code, `${name}: exit code; ${result?.stderr}`);
    if (stdout !== undefined) t.match(result?.stdout, exactly(stdout), `${name}: standard output`);
    if (stderr !== undefined) t.match(result?.stderr, exactly(stderr), `${name}: standard error`);
  }
});

onStatic(t, "an answer to a closed stream", async (t, executable) => {
  const { code, stderr } = await runScript(executable, "tsgosu --version >&-");
  t.same({ code, stderr }, { code: 125, stderr: "tsgosu: standard output: cannot be written: bad file descriptor\n" });
});

/** A pattern that a text matches if it is this text. */
function exactly(expected: string | RegExp): RegExp {
  return typeof expected === "string" ? new RegExp(`^${RegExp.escape(expected)}$`) : expected;
}

onBoth(t, "every exit code and every deadly signal is passed on", async (t, executable) => {
  const codes =
    "for code in {0..255}; do tsgosu --init 1000 probe exit $code; [ $? = $code ] || echo wrong $code; done";
  const signals = "for s in {1..18} {23..31} 34 64; do tsgosu --init 1000 probe die $s; echo $s:$?; done";
  const execCodes = "for code in 0 1 2 125 126 127 128 255; do tsgosu --exec 1000 probe exit $code; echo $?; done";
  const results = await runCases(executable, [
    { name: "codes", script: codes },
    { name: "signals", script: signals },
    { name: "exec", script: execCodes },
  ]);
  t.equal(results.get("codes")?.stdout, "", "exit codes 0 to 255");
  t.equal(results.get("exec")?.stdout, "0\n1\n2\n125\n126\n127\n128\n255\n", "exit codes with --exec");
  // What does not end a process by default: CHLD, CONT, URG, WINCH; and what stops it, which somebody else has to end.
  const harmless = [17, 18, 23, 28];
  const stopping = [19, 20, 21, 22];
  const deadly = [...Array.from({ length: 31 }, (_, at) => at + 1), 34, 64].filter(
    (s) => !harmless.includes(s) && !stopping.includes(s),
  );
  const lines = (results.get("signals")?.stdout ?? "").split("\n");
  for (const signal of deadly)
    t.ok(lines.includes(`${signal}:${128 + signal}`), `death by signal ${signal} is ${128 + signal}`);
  for (const signal of harmless) t.ok(lines.includes(`${signal}:98`), `signal ${signal} ends nothing`);
});
