// What tsgosu says where it cannot go on, to the letter: what, why, and what to change. Somebody's pod has not started, and this is
// all that is known of it.

import t, { type Test } from "tap";
import { EACCES, EAGAIN, EINVAL, EIO, ENOSPC, ENOSYS, EPERM } from "../../src/kernel/errno.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { MOST_CAPABILITIES } from "../../src/privilege/capabilities.ts";
import { deviation } from "../../src/privilege/confine.ts";
import { Machine } from "../support/fake-machine.ts";
import { fakeProcess } from "../support/fake-privileges.ts";

interface Case {
  readonly words: readonly string[];
  readonly says: string;
  readonly change?: (machine: Machine) => void;
  readonly overrides?: Partial<Kernel>;
}

/** Holds what a run says, hint included, to the case. */
function hold(t: Test, cases: readonly Case[]): void {
  for (const { words, says, change = () => {}, overrides = {} } of cases) {
    const machine = new Machine();
    change(machine);
    const { code, stderr, command } = machine.run(["tsgosu", ...words], overrides);
    const [first = "", ...hints] = says.split(" | ");
    const lines = [`tsgosu: ${first}`, ...hints.map((hint) => `tsgosu: hint: ${hint}`), ""].join("\n");
    t.same({ code, stderr, command }, { code: 125, stderr: lines, command: undefined }, words.join(" "));
  }
}

const passwd =
  (line: string) =>
  ({ files }: Machine): void => {
    files.file("/etc/passwd", `root:x:0:0::/:\n${line}\n`);
  };
const group =
  (line: string) =>
  ({ files }: Machine): void => {
    files.file("/etc/group", `root:x:0:\n${line}\n`);
  };
const without =
  (name: string) =>
  ({ files }: Machine): void => {
    files.at("/etc")?.entries.delete(name);
  };
/** Files of which a call on this path fails. */
const failing =
  (call: string, path: string, errno: number) =>
  ({ files }: Machine): void => {
    files.fault = (one, at) => (one === call && at === path ? errno : 0);
  };
const all =
  (...changes: readonly ((machine: Machine) => void)[]) =>
  (machine: Machine): void => {
    for (const change of changes) change(machine);
  };

t.test("a user-spec", async (t) => {
  const range = "IDs go from 0 to 4294967294";
  const forms = "write user, user:group, or numbers such as 1000:1000";
  const create = (what: string, file: string): string =>
    `create the ${what} in the image, or give its number, which needs no ${file}`;
  const correct = "correct the line: an ID is a number from 0 to 4294967294";
  hold(t, [
    { words: ["4294967295", "id"], says: `user-spec '4294967295': user ID 4294967295 is out of range | ${range}` },
    {
      words: ["app:4294967295", "id"],
      says: `user-spec 'app:4294967295': group ID 4294967295 is out of range | ${range}`,
    },
    { words: ["app:more:x", "id"], says: `user-spec 'app:more:x': more than one ':' | ${forms}` },
    { words: ["app::", "id"], says: `user-spec 'app::': more than one ':' | ${forms}` },
    { words: ["nobody", "id"], says: `user 'nobody': no such user in /etc/passwd | ${create("user", "/etc/passwd")}` },
    { words: ["app:none", "id"], says: `group 'none': no such group in /etc/group | ${create("group", "/etc/group")}` },
    {
      words: ["app", "id"],
      change: without("passwd"),
      says: `user 'app': /etc/passwd does not exist | ${create("user", "/etc/passwd")}`,
    },
    {
      words: ["app:more", "id"],
      change: without("group"),
      says: `group 'more': /etc/group does not exist | ${create("group", "/etc/group")}`,
    },
    {
      words: ["user", "id"],
      change: passwd("user:x:one:1::/:"),
      says: `user 'user': line 2 of /etc/passwd is skipped, because its UID is 'one' | ${correct}`,
    },
    {
      words: ["user", "id"],
      change: passwd("\nuser:x:1:4294967295::/:"),
      says: `user 'user': line 3 of /etc/passwd is skipped, because its GID is '4294967295' | ${correct}`,
    },
    {
      words: ["user", "id"],
      change: passwd("user:x"),
      says: `user 'user': line 2 of /etc/passwd is skipped, because its UID is '' | ${correct}`,
    },
    {
      words: ["app:team", "id"],
      change: group("team:x:-1:"),
      says: `group 'team': line 2 of /etc/group is skipped, because its GID is '-1' | ${correct}`,
    },
  ]);
});

t.test("an account file", async (t) => {
  const statx = "statx is missing or refused: a kernel before 4.11, or a seccomp profile that does not know it";
  hold(t, [
    { words: ["app", "id"], change: failing("open", "/etc/passwd", EACCES), says: "/etc/passwd: permission denied" },
    {
      words: ["app", "id"],
      change: failing("fstat", "/etc/passwd", ENOSYS),
      says: `/etc/passwd: unknown to this kernel | ${statx}`,
    },
    { words: ["app", "id"], change: failing("readToEnd", "/etc/group", EIO), says: "/etc/group: input/output error" },
    {
      words: ["app", "id"],
      change: ({ files }) => files.directory("/etc/passwd"),
      says: "/etc/passwd: not a regular file | mount or copy a file at /etc/passwd",
    },
    {
      words: ["app", "id"],
      overrides: { readToEnd: () => -27 },
      says: "/etc/passwd: larger than 64 MiB",
    },
    {
      words: ["app", "id"],
      overrides: {
        fstat: () => ({
          mode: 0o100644,
          uid: 0,
          gid: 0,
          links: 1,
          size: 67108865,
          inodeHigh: 0,
          inodeLow: 1,
          device: 1,
          changed: 0,
          mount: 1,
        }),
      },
      says: "/etc/passwd: larger than 64 MiB",
    },
  ]);
  const asked: number[] = [];
  const numbers = new Machine();
  numbers.run(["tsgosu", "app", "id"], {
    readToEnd: (_fd, size, most) => {
      asked.push(size, most);
      return Buffer.from("app:x:1:1::/:\n");
    },
  });
  t.same(asked.slice(1, 2), [67108864], "a file of 64 MiB is read");
});

t.test("an account file of exactly 64 MiB is no mistake", async (t) => {
  const machine = new Machine();
  const { command } = machine.run(["tsgosu", "1234", "id"], {
    fstat: () => ({
      mode: 0o100644,
      uid: 0,
      gid: 0,
      links: 1,
      size: 67108864,
      inodeHigh: 0,
      inodeLow: 1,
      device: 1,
      changed: 0,
      mount: 1,
    }),
  });
  t.equal(command?.ids, "1234:0 0");
});

t.test("a switch", async (t) => {
  const become = "cannot become 1000:1001 with groups 77";
  const user = (machine: Machine): void => machine.becomeUser(5, 6);
  hold(t, [
    {
      words: ["app", "id"],
      change: user,
      says: `${become}: tsgosu runs as 5:6, and only root may switch | start the container as root (no --user, no runAsUser), or run the command as the current user: tsgosu --if-root`,
    },
    ...(["setgroups", "setresgid", "setresuid"] as const).map((call) => ({
      words: ["app", "id"],
      overrides: { [call]: () => -EPERM },
      says: `${become}: tsgosu runs as 0:0 but without the capability that ${call} needs | add ${call === "setresuid" ? "SETUID" : "SETGID"} (--cap-add SETUID --cap-add SETGID), or start as the user and give --if-root`,
    })),
    {
      words: ["app", "id"],
      overrides: { setresuid: () => -EAGAIN },
      says: `${become}: the user already runs as many processes as its limit allows | raise --ulimit nproc`,
    },
    {
      words: ["app", "id"],
      overrides: { setresuid: () => -ENOSYS },
      says: `${become}: setresuid: unknown to this kernel`,
    },
    {
      words: ["app", "id"],
      overrides: { setresgid: () => 0 },
      says: `${become}: the kernel reported success, but the process is 1000:0 with groups 1001,77 | a seccomp profile or a sandbox answers these calls without carrying them out`,
    },
    {
      words: ["app", "id"],
      change: ({ files }) => files.file("/proc/self/setgroups", "deny\n"),
      overrides: { setgroups: () => -EPERM },
      says: `${become}: setgroups is denied in this user namespace (/proc/self/setgroups) | map the groups with newgidmap, as rootless podman and docker do, or run the command as the current user: --if-root`,
    },
    {
      words: ["app", "id"],
      overrides: { getresgid: () => -ENOSYS },
      says: "cannot read the IDs of this process: getresgid: unknown to this kernel | a seccomp profile or a sandbox refuses a call that needs no privilege",
    },
    ...(
      [
        ["setresuid", "uid_map", "UID 1000"],
        ["setresgid", "gid_map", "GID 1001"],
        ["setgroups", "gid_map", "GID 1001"],
      ] as const
    ).map(([call, map, what]) => ({
      words: ["app", "id"],
      change: ({ files }: Machine) => {
        files.file(`/proc/self/${map}`, "0 100000 1000\n");
      },
      overrides: { [call]: () => -EINVAL },
      says: `${become}: ${what} is not mapped in this user namespace (mapped: 0-999) | choose an ID that is mapped, or give the container a larger map (--uidmap, --gidmap, subuid and subgid)`,
    })),
  ]);
});

t.test("a privileged installation", async (t) => {
  const mode =
    (bits: number) =>
    ({ files }: Machine): void => {
      files.file("/bin/tsgosu", "", bits);
    };
  const says = (what: string, mend: string): string =>
    `refusing to run with ${what}: anybody who can start tsgosu could become any user | remove it from the file (${mend}); root starts tsgosu, as the container's entrypoint`;
  hold(t, [
    { words: ["app", "id"], change: mode(0o4755), says: says("setuid", "chmod u-s") },
    { words: ["app", "id"], change: mode(0o2755), says: says("setgid", "chmod g-s") },
    {
      words: ["app", "id"],
      change: ({ files }) => files.at("/bin/tsgosu")?.attributes.set("security.capability", Buffer.from("x")),
      says: says("file capabilities", "setcap -r"),
    },
    {
      words: ["app", "id"],
      overrides: { getresgid: () => ({ real: 5, effective: 0, saved: 0 }) },
      says: says("setgid", "chmod g-s"),
    },
    {
      words: ["app", "id"],
      change: ({ files }) => files.file("/proc/self/exe", "", 0o4755),
      overrides: { executedPath: () => "tsgosu" },
      says: says("setuid", "chmod u-s"),
    },
  ]);
});

t.test("confinement", async (t) => {
  const poor = (machine: Machine): void => {
    machine.process = fakeProcess({ permitted: 0xc1n, effective: 0xc1n, bounding: 0xc1n });
  };
  const forbid = "a seccomp profile, a sandbox, or secure bits (capabilities(7)) of this container forbid it";
  const lie = "the kernel reported success but did not do it";
  hold(t, [
    {
      words: ["--caps", "some", "app", "id"],
      says: "--caps 'some': there is no capability 'some' | give none, all, or names and numbers (0 to 40) with commas between them, such as net_bind_service,chown",
    },
    {
      words: ["--restricted", "--caps", "chown", "app", "id"],
      says: "--caps chown: --restricted allows no capability but net_bind_service | leave out one of the two",
    },
    {
      words: ["--caps", "sys_admin", "app", "id"],
      says: "--caps sys_admin: the container does not have sys_admin | start it with --cap-add sys_admin (Kubernetes: securityContext.capabilities.add)",
    },
    {
      words: ["--caps", "chown", "--if-root", "app", "id"],
      change: (machine) => machine.becomeUser(1000, 1001, [77, 1001]),
      says: "--caps chown: tsgosu was not given chown, which the container's root would have | start the container as root (no --user, no runAsUser), and name the user to tsgosu",
    },
    {
      words: ["--caps", "chown", "app", "id"],
      change: poor,
      says: "--caps chown: the command could regain setgid,setuid: dropping it for good takes setpcap | add --no-new-privs, which puts it out of reach; or start the container with --cap-add SETPCAP",
    },
    {
      words: ["--restricted", "0", "id"],
      says: "--restricted: the command would be root (UID 0) | name another user, such as 65532:65532",
    },
    {
      words: ["--caps", "chown", "app", "id"],
      change: (machine) => {
        machine.process = fakeProcess({ hasAmbient: false });
      },
      says: "--caps: this kernel has no ambient capabilities, which the command needs to keep any | Linux has had them since 4.3, unless a sandbox or a seccomp profile hides them",
    },
    {
      words: ["--no-new-privs", "app", "id"],
      change: (machine) => {
        machine.process = fakeProcess({ refused: [38] });
      },
      says: `cannot confine the command: no_new_privs is not set: operation not permitted | ${forbid}`,
    },
    {
      words: ["--no-new-privs", "app", "id"],
      change: (machine) => {
        machine.process = fakeProcess({ ignored: [38] });
      },
      says: `cannot confine the command: no_new_privs is not set: ${lie} | ${forbid}`,
    },
    {
      words: ["--caps", "none", "app", "id"],
      overrides: { capget: () => -EPERM },
      says: "cannot read this process's capabilities | does a seccomp profile forbid capget or prctl?",
    },
    {
      words: ["-p", "TERM", "app", "id"],
      overrides: { prctl: () => -EPERM },
      says: "--parent-death: operation not permitted | does a seccomp profile forbid prctl?",
    },
    {
      words: ["--init", "app", "id"],
      overrides: { prctl: () => 1 },
      says: "the command could stop tsgosu, or read its memory: PR_SET_DUMPABLE is refused | a seccomp profile or a sandbox refuses it: --exec leaves no tsgosu behind",
    },
  ]);
});

t.test("which set is not as planned", async (t) => {
  const keep = 1024;
  const plan = { confinesCapabilities: true, keep, drop: 1, noNewPrivs: false, neverRoot: false };
  const now = { permitted: keep, effective: keep, inheritable: keep, bounding: keep, ambient: keep, noNewPrivs: false };
  t.equal(deviation(plan, now), "");
  for (const set of ["bounding", "permitted", "effective", "inheritable", "ambient"] as const) {
    t.equal(deviation(plan, { ...now, [set]: 1025 }), `the ${set} set is chown,net_bind_service`);
    // The bounding set only limits.
    t.equal(deviation(plan, { ...now, [set]: 0 }), set === "bounding" ? "" : `the ${set} set is none`);
  }
  t.equal(deviation({ ...plan, confinesCapabilities: false }, { ...now, ambient: 0 }), "", "nothing is planned");
  t.equal(deviation({ ...plan, noNewPrivs: true }, now), "no_new_privs is not set");
  const stuck = { ...now, bounding: 1025, noNewPrivs: true };
  t.equal(deviation({ ...plan, drop: 0, noNewPrivs: true }, stuck), "", "it stays, out of reach");
  t.equal(
    deviation({ ...plan, drop: 0 }, { ...stuck, noNewPrivs: false }),
    "the bounding set is chown,net_bind_service",
  );
  t.equal(deviation({ ...plan, noNewPrivs: true }, stuck), "the bounding set is chown,net_bind_service");
  t.equal(MOST_CAPABILITIES, 53);
});

t.test("a volume, and the account files", async (t) => {
  const match = ["--match", "/srv/data", "app", "id"];
  const volume = ({ files }: Machine): void => {
    files.directory("/srv/data", 0o755, 3000, 3000);
  };
  const lock = "/etc/.pwd.lock";
  const only = "tsgosu changes /etc/passwd and /etc/group only under this lock";
  const place =
    "PATH should be the mount point of a volume, or be in directories of root that nobody else can write in";
  hold(t, [
    {
      words: match,
      change: all(volume, failing("open", lock, EACCES)),
      says: `${lock}: cannot be opened: permission denied | ${only}, which root must be able to create and write`,
    },
    {
      words: match,
      change: all(volume, failing("lock", lock, EIO)),
      says: `${lock}: cannot be locked: input/output error | ${only}: can files be locked on this file system?`,
    },
    {
      words: match,
      change: all(volume, failing("lock", lock, EAGAIN)),
      says: `${lock}: another process has held the lock for 15 s | another program is changing users, and hangs`,
    },
    {
      words: match,
      change: all(volume, failing("stat", "/proc", EIO)),
      says: "/proc: cannot be looked at: input/output error",
    },
    {
      words: match,
      change: all(volume, ({ files }) =>
        files.directory("/srv", 0o777).entries.set("data", files.directory("/x", 0o755, 5)),
      ),
      says: `--match /srv/data: others than root can change what is in /srv | ${place}`,
    },
    {
      words: match,
      change: all(volume, ({ files }) => files.directory("/home", 0o755, 9).entries.set("app", files.directory("/y"))),
      says: "home directory /home/app: cannot be chowned: its owner, UID 9, can change what is in /home | --no-chown leaves it alone",
    },
    {
      words: match,
      change: all(volume, ({ files }) => {
        files.fault = (call, path) => (call === "rename" && path === "/etc/passwd+" ? EPERM : 0);
        files.mostPwritten = 3;
        files.file("/etc/passwd", "root:x:0:0::/:\napp:x:1000000:1001::/:\n");
      }),
      says: "home directory /: not chowned: it is a system directory\ntsgosu: /etc/passwd: is half written (no space left on device), and cannot be restored (no space left on device) | restore /etc/passwd before the next start",
    },
  ]);
  const full = new Machine();
  volume(full);
  failing("open", lock, ENOSPC)(full);
  t.match(full.run(["tsgosu", ...match]), {
    stderr:
      "tsgosu: /etc/group: cannot be written: no space left on device; continuing with the IDs 3000:3000\ntsgosu: hint: /etc/passwd is left unchanged until a start can write /etc/group\n",
    command: { ids: "3000:3000 77,3000" },
  });
});
