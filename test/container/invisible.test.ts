// The command gets exactly what tsgosu got (DESIGN §4): `probe state` under tsgosu against the same run bare.

import t from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { run } from "../support/containers.ts";
import { type Executable, onBoth, onStatic } from "../support/executables.ts";
import { nodeCannot } from "../support/node-limits.ts";

/** bash sets `_` to the program it starts, and SHLVL by how it starts it: they differ here and there. */
const CLEAN = "env -u _ -u SHLVL";

/** A situation, and the command bare: setpriv does for it what tsgosu does besides. */
interface Situation {
  readonly name: string;
  /** A script before both. */
  readonly given?: string;
  /** What runs in front of both. */
  readonly under?: string;
  readonly user: string;
  readonly bare: string;
  readonly words?: string;
}

/** Root is that already, and keeps the groups that its engine gave it: env(1) changes nothing. */
const AS_ROOT = "env";
const AS_APP = "setpriv --reuid 1000 --regid 1000 --groups 1000";

const SITUATIONS: readonly Situation[] = [
  { name: "root, nothing to switch", user: "root", bare: AS_ROOT },
  { name: "a user", given: "export HOME=/", user: "1000:1000", bare: AS_APP },
  {
    name: "supplementary groups",
    given: "export HOME=/",
    user: "app",
    bare: "setpriv --reuid 1000 --regid 1000 --groups 50,60,1000",
  },
  {
    name: "umask, working directory, nice value",
    given: "umask 027; cd /usr; renice -n 5 $BASHPID >/dev/null",
    user: "root",
    bare: AS_ROOT,
  },
  {
    name: "hard and soft limits",
    given: "ulimit -Sn 512; ulimit -Hn 1000; ulimit -Ss 4096; ulimit -Sc 0",
    user: "root",
    bare: AS_ROOT,
  },
  { name: "descriptors", given: "exec 7</etc/passwd 9>>/tmp/nine 23</usr", user: "root", bare: AS_ROOT },
  { name: "ignored signals", given: "trap '' HUP USR1 USR2 PIPE TERM XFSZ", user: "root", bare: AS_ROOT },
  { name: "blocked signals", under: "probe block 1,2,10,12,15,17,20,34,40,64 --", user: "root", bare: AS_ROOT },
  {
    name: "every signal blocked",
    under: `probe block ${Array.from({ length: 64 }, (_, at) => at + 1).join(",")} --`,
    user: "root",
    bare: AS_ROOT,
  },
  { name: "no_new_privs", under: "setpriv --no-new-privs", user: "root", bare: AS_ROOT },
  {
    name: "a smaller bounding set",
    given: "export HOME=/",
    under: "setpriv --bounding-set -net_raw",
    user: "1000:1000",
    bare: AS_APP,
  },
  {
    name: "inheritable and ambient capabilities",
    under: "setpriv --inh-caps +chown --ambient-caps +chown",
    user: "root",
    bare: AS_ROOT,
  },
  {
    name: "arguments of any bytes",
    user: "root",
    bare: AS_ROOT,
    words: "$'\\xff\\xfe' '' $'a\\nb' $'\\xc3\\xbc' $'\\xed\\xa0\\x80' -- --init '*' \"'\"",
  },
  { name: "many arguments", user: "root", bare: AS_ROOT, words: "$(seq 20000)" },
  {
    name: "environment of any bytes",
    under: "env $'BYTES=\\xff\\xfe' $'NAME\\xff=x' $'LINES_=a\\nb' EMPTY= ",
    user: "root",
    bare: AS_ROOT,
  },
  { name: "closed standard input", given: "exec <&-", user: "root", bare: AS_ROOT },
];

const ACCOUNTS = `grep -q ^app: /etc/passwd || {
  echo 'app:x:1000:1000::/:' >>/etc/passwd; echo 'fifty:x:50000:app' >>/etc/group
  sed -i 's/^\\(staff:x:50:\\)$/\\1app/; s/^\\(games:x:60:\\)$/\\1app/; /^fifty/d' /etc/group; }`;

/** Descriptors are looked at only where they lead to something of the case's own: /tmp/.out and the like are the same. */
function caseOf(situation: Situation, mode: string): Case {
  const { given, under, user, bare, words } = situation;
  const state = `/usr/local/bin/probe state ${words ?? ""}`;
  const script = [
    given ?? "",
    `${CLEAN} ${under ?? ""} ${bare} ${state} && echo ====`,
    `${CLEAN} ${under ?? ""} tsgosu ${mode} ${user} ${state}`,
  ].join("\n");
  return { name: situation.name, script };
}

/** Lines about the process and its past, not about what it was given. */
const OWN_LINES =
  /^(Pid|Tgid|Ngid|PPid|NStgid|NSpid|Vm\w+|Rss\w+|Hugetlb\w+|State|SigQ|\w*voluntary_ctxt_switches|Seccomp_filters|Mems_allowed|untag_mask)\b/;

/** HOME is the user's, wherever it stands. */
const HOME_LINE = new RegExp(`^env ${Buffer.from("HOME=").toString("hex")}`);

/** The lines to compare. As init's child the command leads a group of its own (DESIGN §7). */
function linesOf(state: string | undefined, executable: Executable, mode: string): string[] {
  const unlike = [OWN_LINES, HOME_LINE];
  if (mode !== "--exec") unlike.push(/^NSpgid\b/);
  if (nodeCannot(executable, "start-mask")) unlike.push(/^SigBlk\b/);
  if (nodeCannot(executable, "closed-streams")) unlike.push(/^fd 0 .*null/);
  if (nodeCannot(executable, "soft-nofile")) unlike.push(/^Max open files\b/);
  if (nodeCannot(executable, "ignored-signals")) unlike.push(/^SigIgn\b/);
  if (nodeCannot(executable, "inherited-descriptors")) unlike.push(/^fd ([3-9]|\d\d+) /);
  return (state ?? "").split("\n").filter((line) => !unlike.some((pattern) => pattern.test(line)));
}

// Beside others init says that it cannot reap orphans, unless it is a subreaper.
for (const mode of ["--exec", "--init -s"]) {
  onBoth(t, `the command's state is that of the command run bare, ${mode}`, async (t, executable) => {
    const results = await runCases(
      executable,
      SITUATIONS.map((one) => caseOf(one, mode)),
      { before: ACCOUNTS },
    );
    for (const { name } of SITUATIONS) {
      const { stdout, stderr } = results.get(name) ?? { stdout: "", stderr: "" };
      const [bare, command] = stdout.split("====\n");
      t.equal(stderr, "", `${name}: nothing is said`);
      t.ok((bare ?? "").length > 500, `${name}: there is something to compare`);
      t.same(linesOf(command, executable, mode), linesOf(bare, executable, mode), name);
    }
  });
}

onStatic(t, "as PID 1 it hands down descriptor 7 and a soft limit of 512", async (t, executable) => {
  const script = "exec 7</etc/passwd; exec tsgosu 1000 sh -c 'head -n1 <&7 | cut -c1-5; ulimit -Sn; ulimit -Hn'";
  const ran = await run(executable, ["-c", script], {
    entrypoint: "sh",
    flags: ["--ulimit", "nofile=512:1024", "--ulimit", "nproc=4096:4096"],
  });
  t.same(
    { code: ran.code, stdout: ran.stdout, stderr: ran.stderr },
    { code: 0, stdout: "root:\n512\n1024\n", stderr: "" },
  );
});

onBoth(
  t,
  "who ignores SIGCHLD can still start tsgosu as init, and the command ignores it too",
  async (t, executable) => {
    // The kernel tells nobody of the end of children who ignores it (wait(2)): an init that inherits that would wait for ever.
    const script = `trap '' CHLD
tsgosu --init root grep SigIgn /proc/self/status & init=$!
for tries in {1..600}; do kill -0 $init 2>/dev/null || break; sleep 0.1; done
kill -9 $init 2>/dev/null && echo hangs; true`;
    const results = await runCases(executable, [{ name: "ignored", script }]);
    t.match(
      results.get("ignored")?.stdout,
      nodeCannot(executable, "ignored-signals") ? /^SigIgn:\t0{16}\n$/ : /^SigIgn:\t0{11}1000[06]\n$/,
    );
  },
);

onBoth(t, "environment strings that no shell would write are handed on as they are", async (t, executable) => {
  const probe = "/usr/local/bin/probe";
  const state = `/usr/local/bin/tsgosu root ${probe} state | sed -n 's/^env //p'`;
  const table: Record<string, readonly string[]> = {
    "the same name twice": ["A=1", "A=2", "A=1"],
    "no equals sign": ["noequals", "", "=", "=x", "A"],
    "a name of bytes": ["NAME\xff=1", "VALUE=\xfe"],
    "none at all": [],
    "HOME among others": ["A=1", "HOME=/old", "B=2", "HOMER=x", "HOM=y", "HOM"],
    "HOME twice": ["HOME=/old", "A=1", "HOME=/older"],
  };
  const cases = Object.entries(table).map(([name, strings]): Case => {
    const words = strings.map((text) => `'${text}'`).join(" ");
    return { name, script: `probe environment ${words} -- ${state}` };
  });
  const results = await runCases(executable, cases);
  for (const [name, strings] of Object.entries(table)) {
    const hex = (results.get(name)?.stdout ?? "").split("\n").slice(0, -1);
    const given = hex.map((line) => Buffer.from(line, "hex").toString("latin1"));
    const isHome = (text: string): boolean => text.startsWith("HOME=");
    t.same(
      given.filter((text) => !isHome(text)),
      strings.filter((text) => !isHome(text)),
      `${name}: every other string, in order`,
    );
    t.same(given.filter(isHome), ["HOME=/root"], `${name}: one HOME, so that nobody reads another`);
  }
});

onBoth(t, "descriptors of socket activation are handed down", async (t, executable) => {
  const script = (mode: string): string =>
    `exec 3</etc/passwd 4</etc/group; LISTEN_FDS=2 tsgosu ${mode} root readlink /proc/self/fd/3 /proc/self/fd/4`;
  const results = await runCases(executable, [
    { name: "--exec", script: script("--exec") },
    { name: "--init", script: script("--init -s") },
  ]);
  for (const [mode, { stdout }] of results) t.equal(stdout, "/etc/passwd\n/etc/group\n", mode);
});

onBoth(t, "what Node cannot keep becomes what the README says", async (t, executable) => {
  const results = await runCases(executable, [
    { name: "limit", script: "ulimit -Sn 512; ulimit -Hn 1000; tsgosu root sh -c 'ulimit -Sn; ulimit -Hn'" },
    { name: "ignored", script: "trap '' USR1; tsgosu root grep SigIgn /proc/self/status" },
    {
      name: "descriptor",
      script: "exec 7</etc/passwd; tsgosu root sh -c '[ -e /proc/self/fd/7 ] && echo there || echo gone'",
    },
  ]);
  t.equal(results.get("limit")?.stdout, nodeCannot(executable, "soft-nofile") ? "1000\n1000\n" : "512\n1000\n");
  t.match(results.get("ignored")?.stdout, nodeCannot(executable, "ignored-signals") ? /\t0{16}\n/ : /\t0{13}200\n/);
  t.equal(results.get("descriptor")?.stdout, nodeCannot(executable, "inherited-descriptors") ? "gone\n" : "there\n");
});

/** Variables that an image sets for its Node application, with values that would show if tsgosu took them for its own. */
const NODE_VARIABLES: readonly { readonly name: string; readonly value: string }[] = [
  { name: "NODE_OPTIONS", value: "--require=/tmp/x.js" },
  { name: "NODE_OPTIONS", value: "--no-such-option-at-all" },
  { name: "NODE_OPTIONS", value: "--inspect-brk --title=x --trace-exit" },
  { name: "NODE_V8_COVERAGE", value: "/tmp/made/coverage" },
  { name: "NODE_DEBUG", value: "fs,module,net,child_process,sea" },
  { name: "NODE_DEBUG_NATIVE", value: "sea,mksnapshot,code_cache" },
  { name: "NODE_COMPILE_CACHE", value: "/tmp/made/cache" },
  { name: "NODE_REDIRECT_WARNINGS", value: "/tmp/made/warnings" },
  { name: "NODE_PENDING_DEPRECATION", value: "1" },
  { name: "NODE_EXTRA_CA_CERTS", value: "/tmp/x.js" },
  { name: "NODE_TLS_REJECT_UNAUTHORIZED", value: "0" },
  { name: "OPENSSL_CONF", value: "/tmp/broken.cnf" },
  { name: "SSL_CERT_FILE", value: "/tmp/x.js" },
];

const NODE_FILES = `rm -rf /tmp/made /tmp/ran; mkdir -m 777 /tmp/made
echo 'require("fs").writeFileSync("/tmp/ran", "x"); console.log("preloaded")' >/tmp/x.js
printf 'openssl_conf = missing\\n[broken\\n' >/tmp/broken.cnf`;

for (const mode of ["--exec", "--init -s"]) {
  onBoth(t, `variables meant for the application's Node do nothing to tsgosu, ${mode}`, async (t, executable) => {
    const cases = NODE_VARIABLES.map(
      ({ name, value }): Case => ({
        name: `${name}=${value}`,
        script: `export ${name}='${value}'; tsgosu ${mode} 1000 printenv ${name}; ls -A /tmp/made; ls /tmp/ran 2>/dev/null; true`,
      }),
    );
    const results = await runCases(executable, cases, { before: NODE_FILES });
    for (const { name, value } of NODE_VARIABLES) {
      const { stdout, stderr } = results.get(`${name}=${value}`) ?? {};
      t.same({ stdout, stderr }, { stdout: `${value}\n`, stderr: "" }, `${name}=${value}`);
    }
  });
}

onBoth(t, "NODE_OPTIONS of the image, as PID 1", async (t, executable) => {
  const flags = ["-e", "NODE_OPTIONS=--require=/x.js", "-e", "NODE_V8_COVERAGE=/coverage"];
  const ran = await run(
    executable,
    ["1000", "sh", "-c", "echo $NODE_OPTIONS $NODE_V8_COVERAGE; ls -d /coverage 2>&1"],
    { flags },
  );
  t.match(ran.stdout, /^--require=\/x\.js \/coverage\n.*No such file or directory\n$/);
  t.equal(ran.stderr, "");
});
