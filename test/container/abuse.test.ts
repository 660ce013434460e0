// Ways to get the command run as somebody else, or with more than was asked for. Each ends in a clear error, or in exactly
// the identity that was asked for.

import t, { type Test } from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { MAY_MOUNT, run } from "../support/containers.ts";
import { type Executable, onBoth } from "../support/executables.ts";
import { withPrimary } from "../support/words.ts";

interface Abuse extends Case {
  /** Whom `probe who` sees; empty: nobody, the command must not run. */
  readonly who: string;
  /** What the error says, where there is one. */
  readonly error?: RegExp;
  /** The exit code, where it is not 0 with `who` and 125 without. */
  readonly code?: number;
  /** Where the Node executable does not get as far as tsgosu's own error. */
  readonly nodeFails?: boolean;
}

function identity(uid: number, gid: number, groups: string, home: string): string {
  return `uid=${uid},${uid},${uid} gid=${gid},${gid},${gid} groups=${withPrimary(gid, groups)} home=${home}\n`;
}

const APP = identity(1000, 1000, "50", "/home/app");
const USER = identity(1000, 1000, "", "/home/app");
const NUMBER = identity(4711, 4712, "", "/");
/** Root is that already, and keeps the groups that it has: none here. */
const ROOT = "uid=0,0,0 gid=0,0,0 groups= home=/root\n";
const AS_ROOT = "setpriv --clear-groups tsgosu";
const WHO = "probe who";

const BEFORE = `
rm -rf /etc/passwd /etc/group /tmp/* /w /t; mkdir -p /w; cd /w
printf 'root:x:0:0::/root:\\napp:x:1000:1000::/home/app:\\n' >/etc/passwd
printf 'root:x:0:\\napp:x:1000:\\nstaff:x:50:app\\n' >/etc/group
`;

/** A user-spec, quoted for bash. */
function spec(quoted: string, who: string, error?: RegExp): Abuse {
  const script = `tsgosu -- ${quoted} ${WHO}`;
  return { name: `user-spec ${quoted}`, script, who, ...(error === undefined ? {} : { error }) };
}

/** Lines, as printf writes them, before those of /etc/passwd. */
function passwd(lines: string, who = APP, user = "app"): Abuse {
  const script = `{ printf '${lines}\\n'; cat /etc/passwd; } >/tmp/passwd; cat /tmp/passwd >/etc/passwd; ${who === ROOT ? AS_ROOT : "tsgosu"} ${user} ${WHO}`;
  return { name: `passwd ${lines}, ${user}`, script, who };
}

function group(lines: string, who = APP, user = "app"): Abuse {
  const script = `{ printf '${lines}\\n'; cat /etc/group; } >/tmp/group; cat /tmp/group >/etc/group; tsgosu ${user} ${WHO}`;
  return { name: `group ${lines}, ${user}`, script, who };
}

function environment(assignments: string): Abuse {
  return { name: `environment ${assignments}`, script: `env ${assignments} tsgosu app ${WHO}`, who: APP };
}

const UNKNOWN = /: no such user in \/etc\/passwd\n/;
const RANGE = /out of range\ntsgosu: hint: IDs go from 0 to 4294967294\n/;
const NO_ROOT = /UID 0/;

const ABUSES: readonly Abuse[] = [
  // User-specs.
  spec("''", "", /the user-spec is empty/),
  spec('"$NOT_SET"', "", /the user-spec is empty/),
  spec("0x0", "", UNKNOWN),
  spec("-0", "", UNKNOWN),
  spec("+0", "", UNKNOWN),
  spec("' 0'", "", UNKNOWN),
  spec("'0 '", "", UNKNOWN),
  spec("$'root\\n'", "", UNKNOWN),
  spec("$'app\\x01'", "", UNKNOWN),
  spec("$'\\u0660'", "", UNKNOWN),
  spec("1e3", "", UNKNOWN),
  spec("'*'", "", UNKNOWN),
  spec("../../root", "", UNKNOWN),
  spec("'%s%n%99999d'", "", /user '%s%n%99999d': no such user/),
  spec("4294967295", "", RANGE),
  spec("4294967296", "", RANGE),
  spec("4294968296", "", RANGE),
  spec("18446744073709551616", "", RANGE),
  spec("app:4294967295", "", RANGE),
  spec("app:4294967296", "", RANGE),
  spec("app:app:root", "", /more than one ':'/),
  spec("app:-0", "", /no such group/),
  spec("\"$(head -c 100000 /dev/zero | tr '\\0' 0)1000\"", APP),
  spec("\"$(head -c 100000 /dev/zero | tr '\\0' 9)\"", "", RANGE),
  spec("0004711:0004712", NUMBER),
  // Lines of /etc/passwd that must not make app anybody else.
  passwd(":0:0"),
  passwd(":x:0:0::/:", ROOT, "':'"),
  passwd("app:x:0"),
  passwd("app:x:0:"),
  passwd("app:x::0::/:"),
  passwd("app::::"),
  passwd("app"),
  passwd("app:x:0x0:0::/:"),
  passwd("app:x:-0:0::/:"),
  passwd("app:x:+0:0::/:"),
  passwd("app:x: 0:0::/:"),
  passwd("app:x:4294967296:0::/:"),
  passwd("app:x:18446744073709551616:0::/:"),
  passwd("app:x:0:4294967296::/:"),
  passwd("app :x:0:0::/:"),
  passwd("APP:x:0:0::/:"),
  passwd("#app:x:0:0::/:"),
  passwd("+app:x:0:0::/:"),
  passwd("app\\000:x:0:0::/:"),
  passwd("\\000app:x:0:0::/:"),
  passwd("app\\r:x:0:0::/:"),
  passwd("a pp:x:0:0::/:\\nap:x:0:0::/:\\nappp:x:0:0::/:"),
  passwd("app:x:1000:1000::/home/app:\\napp:x:0:0::/:"),
  passwd("1000:x:0:0::/:", USER, "1000:1000"),
  passwd("0:x:4711:4712::/:", ROOT, "0"),
  // Lines of /etc/group.
  group(":x:0:app"),
  group("evil:x:0x0:app"),
  group("evil:x:4294967296:app"),
  group("evil:x::app"),
  group("evil:x:0:app2,xapp"),
  group("evil:x:0:app:more", identity(1000, 1000, "0,50", "/home/app")),
  group("staff:x:4294967296:\\nstaff:x:0", identity(1000, 0, "", "/home/app"), "app:staff"),
  group("staff:x:-0:", identity(1000, 50, "", "/home/app"), "app:staff"),
  // /etc/passwd that is no file of lines.
  {
    name: "a FIFO",
    script: `rm /etc/passwd; mkfifo /etc/passwd; timeout 60 tsgosu app ${WHO}`,
    who: "",
    error: /passwd: not a regular file/,
  },
  {
    name: "a directory",
    script: `rm /etc/passwd; mkdir /etc/passwd; tsgosu app ${WHO}`,
    who: "",
    error: /passwd: not a regular file/,
  },
  {
    name: "a link to /dev/zero",
    script: `ln -sf /dev/zero /etc/passwd; timeout 60 tsgosu app ${WHO}`,
    who: "",
    error: /passwd: not a regular file/,
  },
  {
    name: "a link to a file of /proc that grows",
    script: `ln -sf /proc/kmsg /etc/passwd; timeout 60 tsgosu app ${WHO}`,
    who: "",
    error: /passwd: /,
  },
  {
    name: "a link to nothing",
    script: `ln -sf /nowhere /etc/passwd; tsgosu app ${WHO}`,
    who: "",
    error: /does not exist/,
  },
  {
    name: "a link to itself",
    script: `ln -sf passwd /etc/passwd; tsgosu app ${WHO}`,
    who: "",
    error: /symbolic links/,
  },
  { name: "a link to a file", script: `mv /etc/passwd /p; ln -s /p /etc/passwd; tsgosu app ${WHO}`, who: APP },
  { name: "gone, and a number", script: `rm /etc/passwd /etc/group; tsgosu 4711:4712 ${WHO}`, who: NUMBER },
  {
    name: "a hundred megabytes",
    script: `truncate -s 100M /etc/passwd; timeout 60 tsgosu app ${WHO}`,
    who: "",
    error: /larger than 64 MiB/,
  },
  {
    name: "changes while it is read",
    script: `cp /etc/passwd /etc/a; sed s/1000:1000/2000:2000/ /etc/passwd >/etc/b; : >/etc/c
      (while :; do for f in a b; do cp /etc/$f /etc/n; mv /etc/n /etc/passwd; done; done) & writer=$!
      for i in $(seq 20); do tsgosu app sh -c 'id -u; id -g' | paste -sd: ; done | sort -u | tr '\\n' ' '; kill $writer`,
    who: "1000:1000 2000:2000 ",
  },
  // The environment of loaders and engines.
  environment("LD_PRELOAD=/tmp/evil.so LD_LIBRARY_PATH=/tmp LD_BIND_NOW=1"),
  environment("LD_AUDIT=/tmp/evil.so"),
  environment("GLIBC_TUNABLES=glibc.malloc.check=3 MALLOC_CHECK_=3"),
  environment("USER=root LOGNAME=root UID=0 EUID=0 SUDO_UID=0 PKEXEC_UID=0"),
  environment("HOME=/a PATH=.:/usr/local/bin:/usr/bin:/bin"),
  environment("TSGOSU_USER=root TSGOSU_MATCH=no TSGOSU_CAPS=all"),
  environment("SCR_CYCLE_THRESHOLD=1 SCR_TRACE=1"),
  environment(
    "NODE_CHANNEL_FD=0 NODE_UNIQUE_ID=1 NODE_DEBUG=module NODE_V8_COVERAGE=/w/cov NODE_COMPILE_CACHE=/w/cache",
  ),
  environment("OPENSSL_CONF=/w/o NODE_EXTRA_CA_CERTS=/w/o SSL_CERT_FILE=/w/o ICU_DATA=/w NODE_ICU_DATA=/w"),
  {
    name: "NODE_OPTIONS",
    script: `echo 'require("fs").writeFileSync("/w/pwned", "")' >/w/evil.js
      NODE_OPTIONS='--require=/w/evil.js' NODE_PATH=/w NODE_REPL_EXTERNAL_MODULE=/w/evil.js tsgosu app ${WHO}; ls /w | grep pwned`,
    who: APP,
    code: 1,
  },
  { name: "no environment", script: `env -i /usr/local/bin/tsgosu app /usr/local/bin/${WHO}`, who: APP },
  // argv[0].
  { name: "an empty argv[0]", script: `(exec -a '' tsgosu app ${WHO})`, who: APP },
  ...["--version", "--require=/w/evil.js", "--import=/w/evil.js", "--inspect-brk=0", "--eval=1", "--", "-"].map(
    (name) => ({
      name: `argv[0] ${name}`,
      script: `echo 'require("fs").writeFileSync("/w/pwned", "")' >/w/evil.js
      (exec -a ${name} tsgosu app ${WHO}); ls /w | grep pwned`,
      who: APP,
      code: 1,
    }),
  ),
  {
    name: "the word of an init's child",
    script: `tsgosu --as-listener ${WHO}`,
    who: "",
    error: /--as-listener: unknown option/,
  },
  {
    name: "argv[0] gosu takes no options",
    script: `(exec -a gosu tsgosu --caps all ${WHO})`,
    who: "",
    error: /user '--caps': no such user/,
  },
  {
    name: "no argv at all",
    script: `perl -e '$path = "/usr/local/bin/tsgosu"; syscall(59, $path, 0, 0)'`,
    who: "",
    error: /usage|no user-spec/,
  },
  // Descriptors and limits.
  { name: "0 to 2 closed", script: `tsgosu app sh -c '${WHO} >/tmp/app' <&- >&- 2>&-; cat /tmp/app`, who: APP },
  {
    name: "0 to 2 closed, and an error",
    script: `tsgosu nosuch ${WHO} <&- >&- 2>&-; code=$?; cat /etc/passwd | wc -l >&2; exit $code`,
    who: "",
    error: /^2\n$/,
  },
  {
    name: "no descriptor free",
    script: `ulimit -n 3; tsgosu app ${WHO}`,
    who: "",
    error: /too many open files/,
    nodeFails: true,
  },
  {
    name: "no process free",
    script: `exec setpriv --reuid 4711 --regid 4712 --clear-groups bash -c 'ulimit -u 1; exec tsgosu --init 4711:4712 ${WHO}'`,
    who: "",
    error: /resource temporarily unavailable/,
    code: 126,
    nodeFails: true,
  },
  { name: "no memory", script: `ulimit -v 300; exec tsgosu app ${WHO}`, who: "", code: -1, nodeFails: true },
  {
    name: "less memory than an account file takes",
    script: `head -c 30000000 /dev/zero >>/etc/passwd; ulimit -v 20000; exec tsgosu app ${WHO}`,
    who: "",
    error: /^tsgosu: internal error: out of memory\n$/,
    nodeFails: true,
  },
  { name: "a directory that is gone", script: `mkdir /w/d; cd /w/d; rmdir /w/d; tsgosu app ${WHO}`, who: APP },
  // Who tsgosu is.
  {
    name: "a user who asks for root",
    script: `setpriv --reuid 1000 --regid 1000 --clear-groups tsgosu root ${WHO}`,
    who: "",
    error: /cannot become 0:0: tsgosu runs as 1000:1000, and only root may switch\n/,
  },
  {
    name: "--if-root root of a user",
    script: `setpriv --reuid 4711 --regid 4712 --clear-groups env HOME=/ tsgosu --if-root root ${WHO}`,
    who: NUMBER.replace("groups=4712", "groups="),
  },
  {
    name: "a user who would keep root's group",
    script: `setpriv --reuid 1000 --regid 1000 --groups 0 tsgosu 1000:1000 ${WHO}`,
    who: "",
    error: /cannot become 1000:1000: tsgosu runs as 1000:1000 with groups 0/,
  },
  { name: "root's groups", script: `setpriv --groups 0,4,6 tsgosu 4711:4712 ${WHO}`, who: NUMBER },
  {
    name: "a real UID of its own",
    script: `setpriv --ruid 1000 tsgosu root ${WHO}`,
    who: "",
    error: /refusing to run with setuid/,
  },
  {
    name: "an effective UID of its own",
    script: `setpriv --euid 1000 tsgosu root ${WHO}`,
    who: "",
    error: /refusing|cannot/,
  },
  {
    name: "setuid",
    script: `cp /usr/local/bin/tsgosu /t; chmod 4755 /t; setpriv --reuid 1000 --regid 1000 --clear-groups /t root ${WHO}`,
    who: "",
    error: /refusing to run with setuid/,
  },
  {
    name: "setgid",
    script: `cp /usr/local/bin/tsgosu /t; chmod 2755 /t; setpriv --reuid 1000 --regid 1000 --clear-groups /t root ${WHO}`,
    who: "",
    error: /refusing to run with setgid/,
  },
  {
    name: "file capabilities",
    script: `cp /usr/local/bin/tsgosu /t
      perl -e '($p, $n, $v) = ("/t", "security.capability", pack("V5", 0x02000001, 0xc0, 0, 0, 0)); syscall(188, $p, $n, $v, 20, 0)'
      setpriv --reuid 1000 --regid 1000 --clear-groups /t root ${WHO}`,
    who: "",
    error: /refusing to run with file capabilities/,
  },
  // More than asked.
  { name: "restricted root", script: `tsgosu --restricted root ${WHO}`, who: "", error: NO_ROOT },
  { name: "restricted 0", script: `tsgosu --restricted 00:1000 ${WHO}`, who: "", error: NO_ROOT },
  { name: "restricted nobody", script: `tsgosu --restricted : ${WHO}`, who: "", error: NO_ROOT },
  {
    name: "restricted toor",
    script: `echo toor:x:0:1000::/: >>/etc/passwd; tsgosu --restricted toor ${WHO}`,
    who: "",
    error: NO_ROOT,
  },
  {
    name: "restricted, all",
    script: `tsgosu --restricted --caps all app ${WHO}`,
    who: "",
    error: /allows no capability/,
  },
  {
    name: "none and all",
    script: `tsgosu --caps none,all app ${WHO}`,
    who: "",
    error: /'none' stands alone\ntsgosu: hint: give --caps none, or a list without none\n/,
  },
  {
    name: "a command that is an option",
    script: `tsgosu app --caps all ${WHO}`,
    who: "",
    error: /--caps: not found/,
    code: 127,
  },
];

async function hold(
  t: Test,
  executable: Executable,
  abuses: readonly Abuse[],
  flags: readonly string[],
): Promise<void> {
  const ran = await runCases(executable, abuses, { before: BEFORE, flags });
  for (const abuse of abuses) {
    const found = ran.get(abuse.name) ?? { code: -2, stdout: "", stderr: "", cpuMs: 0 };
    const fails = abuse.nodeFails === true && executable.name === "sea";
    t.equal(found.stdout, abuse.who, `${abuse.name}: who; ${found.stderr}`);
    if (fails || abuse.code === -1) t.not(found.code, 0, abuse.name);
    else t.equal(found.code, abuse.code ?? (abuse.who === "" ? 125 : 0), `${abuse.name}: ${found.stderr}`);
    if (abuse.error !== undefined && !fails) t.match(found.stderr, abuse.error, abuse.name);
    t.ok(found.cpuMs < 30_000, `${abuse.name}: ${found.cpuMs} ms of processor time`);
  }
}

onBoth(t, `${ABUSES.length} ways to be somebody else`, async (t, executable) => {
  await hold(t, executable, ABUSES, []);
});

onBoth(t, "without /proc, and with a false one", async (t, executable) => {
  const hidden = (mount: string, words: string): string => `unshare -m bash -c '${mount}; tsgosu ${words}'`;
  const gone = "umount -l /proc";
  const fake = "mount -t tmpfs none /proc; mkdir /proc/self; echo 0 0 1 >/proc/self/uid_map";
  const abuses: readonly Abuse[] = [
    { name: "none", script: hidden(gone, `app ${WHO}`), who: APP },
    { name: "none, confined", script: hidden(gone, `--restricted 4711:4712 ${WHO}`), who: NUMBER },
    { name: "none, as init", script: hidden(gone, `--init --caps chown app ${WHO}`), who: APP },
    { name: "none, refused", script: hidden(gone, `--restricted root ${WHO}`), who: "", error: NO_ROOT },
    { name: "false", script: hidden(fake, `--restricted app ${WHO}`), who: APP },
  ];
  await hold(t, executable, abuses, MAY_MOUNT);
  const check = { name: "check", script: `${hidden(gone, "--check --json --restricted 1000")}` };
  const ran = (await runCases(executable, [check], { before: BEFORE, flags: MAY_MOUNT })).get("check");
  t.match(ran?.stdout, /"control":"seccomp","holds":false,"found":"unknown"/);
  t.match(ran?.stdout, /"uid_map":null/);
  t.equal(ran?.code, 1);
});

onBoth(t, "exhausted PIDs", async (t, executable) => {
  const limit = executable.name === "static" ? 1 : 8;
  const ran = await run(executable, ["4711:4712", "probe", "who"], { flags: [`--pids-limit=${limit}`] });
  if (ran.code === 0) t.equal(ran.stdout, NUMBER);
  else
    t.match(
      { code: ran.code, stdout: ran.stdout, stderr: ran.stderr },
      { stdout: "", stderr: /temporarily unavailable/ },
    );
});
