// --match, --puid, --chown, --group-of and --keep-groups in whole runs, on a machine made up here: who the command is, which files
// changed hands, and what is said.

import t from "tap";
import { EINVAL, EIO, ELOOP, EPERM, EROFS } from "../../src/kernel/errno.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { Machine } from "../support/fake-machine.ts";

interface Run {
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly change?: (machine: Machine) => void;
  readonly overrides?: Partial<Kernel>;
}

/** The IDs of the command, or the lines that say why it does not run; and what is said besides. */
function came({ words, environment = {}, change = () => {}, overrides = {} }: Run): string {
  const machine = new Machine();
  Object.assign(machine.environment, environment);
  change(machine);
  const { command, stderr, code } = machine.run(["tsgosu", ...words, "id"], overrides);
  return `${command?.ids ?? code}${stderr === "" ? "" : `\n${stderr.trimEnd()}`}`;
}

const volume =
  (uid: number, gid = uid, mode = 0o755) =>
  ({ files }: Machine): void => {
    files.directory("/srv/data", mode, uid, gid);
  };

/** A user namespace that maps UIDs 0 to 999 and GIDs 0 to 1999, and shows all others as 65534. */
function mapped({ files }: Machine): void {
  files.file("/proc/self/uid_map", "0 100000 1000\n65000 200000 1000\n");
  files.file("/proc/self/gid_map", "0 100000 2000\n65000 200000 1000\n");
}

t.test("--puid: the IDs that the environment names", async (t) => {
  const puid = (environment: Record<string, string>, ...words: string[]): string =>
    came({ words: ["--puid", ...words, "app"], environment, change: volume(3000) });
  t.equal(puid({}), "1000:1001 77,1001", "neither is set");
  t.equal(puid({ PUID: "", PGID: "" }), "1000:1001 77,1001", "both are empty");
  t.equal(puid({ PUID: "2000", PGID: "2001" }), "2000:2001 77,2001");
  t.equal(puid({ PUID: "2000" }), "2000:1001 77,1001", "the user keeps its group");
  t.equal(puid({ PGID: "2001" }), "1000:2001 77,2001", "and its UID");
  t.equal(puid({ PUID: "1000", PGID: "1001" }), "1000:1001 77,1001", "as it is");
  t.equal(puid({ PUID: "4294967294", PGID: "0" }), "4294967294:0 0,77", "the largest there is");
  t.equal(
    puid({ PUID: "0" }),
    "125\ntsgosu: --puid: PUID=0: the user must not become root\ntsgosu: hint: set PUID to the UID that owns the files, as id -u prints it on the host, or leave it out",
  );
  for (const name of ["PUID", "PGID"])
    for (const text of ["4294967295", "-1", "app", "1 "])
      t.equal(
        puid({ [name]: text }),
        `125\ntsgosu: --puid: ${name}='${text}': an ID is a number from 0 to 4294967294\ntsgosu: hint: set ${name} to such a number, or leave it out`,
      );
  t.equal(puid({ PUID: "2000", PGID: "2001" }, "--match", "/srv/data"), "2000:2001 77,2001", "they win over --match");
  t.match(
    puid({ PUID: "2000" }, "--verbose", "--match", "/srv/data"),
    /\ntsgosu: PUID and PGID win over --match \/srv\/data\n/,
  );
  t.notMatch(puid({ PUID: "2000" }, "--verbose"), "win over");
  t.match(puid({ PUID: "2000" }, "--verbose"), "\ntsgosu: --puid: app takes over 2000:1001\n");
  t.equal(puid({}, "--match", "/srv/data"), "3000:3000 77,3000", "which goes without them");
});

t.test("--puid: root, and who is not root", async (t) => {
  const root = (environment: Record<string, string>): string => came({ words: ["--puid", "root"], environment });
  t.equal(root({ PUID: "0", PGID: "0" }), "0:0");
  t.equal(root({ PUID: "2000" }), "0:0\ntsgosu: --puid: root stays root, although PUID and PGID are 2000:0");
  t.equal(root({ PGID: "5" }), "0:0\ntsgosu: --puid: root keeps 0:0");
  const user = (change: (machine: Machine) => void, environment: Record<string, string>): string =>
    came({ words: ["--puid", "app"], environment, change });
  t.equal(
    user((one) => one.becomeUser(1000, 1001, [1001, 77]), { PUID: "2000" }),
    "125\ntsgosu: --puid: PUID and PGID are 2000:1001, and only root may give these IDs to app (1000:1001)\ntsgosu: hint: start the container as root (no --user, no runAsUser), or as the owner: --user 2000:1001",
  );
  t.equal(
    user((one) => one.becomeUser(2000, 5, [5, 6]), { PUID: "2000" }),
    "2000:5 5,6",
    "who is the owner stays who it is",
  );
  t.equal(
    came({ words: ["--puid", "5:6"], environment: { PUID: "7" } }),
    "7:6 6",
    "a number without a line becomes the owner",
  );
  t.equal(came({ words: ["--puid", "5:6"], environment: { PUID: "1000" } }), "1000:6 6,77", "who may have a line");
});

t.test("--puid: an ID that this user namespace does not map", async (t) => {
  const puid = (environment: Record<string, string>): string =>
    came({ words: ["--puid", "5:6"], environment, change: mapped });
  t.equal(puid({ PUID: "999", PGID: "1999" }), "999:1999 1999");
  const hint =
    "\ntsgosu: hint: choose an ID that is mapped, or give the container a larger map (--uidmap, --gidmap, subuid and subgid)";
  const name = (what: string, ranges: string): string =>
    `125\ntsgosu: --puid: ${what} is not mapped in this user namespace (mapped: ${ranges})${hint}`;
  t.equal(puid({ PUID: "1000" }), name("PUID 1000", "0-999, 65000-65999"));
  t.equal(puid({ PGID: "2000" }), name("PGID 2000", "0-1999, 65000-65999"));
});

t.test("TSGOSU_MATCH replaces PATH, or turns --match off", async (t) => {
  const match = (value: string, ...words: string[]): string =>
    came({ words: [...words, "app"], environment: { TSGOSU_MATCH: value }, change: volume(3000) });
  const given = ["--match", "/home"];
  t.match(
    match("", ...given),
    /^1000:1001 77,1001\ntsgosu: --match \/home: root owns it/,
    "empty is as if it were not set",
  );
  for (const no of ["no", "No", "NO", "false", "False", "off", "OFF", "0"])
    t.equal(match(no, ...given), "1000:1001 77,1001", no);
  t.equal(match("/srv/data", ...given), "3000:3000 77,3000");
  t.equal(match("/srv/data"), "1000:1001 77,1001", "only with the option");
  for (const value of ["yes", "srv/data", "1", "none"])
    t.equal(
      match(value, ...given),
      `125\ntsgosu: TSGOSU_MATCH '${value}': neither an absolute path nor 'no'\ntsgosu: hint: set it to a path such as /app, or to no (also false, off or 0) to turn --match off`,
    );
  t.match(match("/srv/none", ...given), /^125\ntsgosu: TSGOSU_MATCH \/srv\/none: no such file or directory\n/);
});

t.test("--match: whose PATH is, and what comes of it", async (t) => {
  const match = (change: (machine: Machine) => void, ...words: string[]): string =>
    came({ words: ["--match", "/srv/data", ...(words.length === 0 ? ["app"] : words)], change });
  t.equal(match(volume(3000, 3001)), "3000:3001 77,3001");
  t.equal(match(volume(1000, 1001)), "1000:1001 77,1001", "the user's");
  t.equal(match(volume(3000, 3001), "app:more"), "3000:77 77", "a group that is named stays");
  t.equal(match(volume(3000, 3001), "app:app"), "3000:3001 3001", "the user's own group does not");
  t.equal(match(volume(1000, 1001), "app:more"), "1000:77 77", "the account is the owner already");
  t.equal(
    match(volume(0, 5)),
    "1000:1001 77,1001\ntsgosu: --match /srv/data: root owns it, so app keeps 1000:1001\ntsgosu: hint: chown it on the host to the user it is for, or give it to app with --chown /srv/data; in a rootless container, where your files are root's, use --userns=keep-id",
  );
  t.equal(
    match(volume(3000), "root"),
    "0:0\ntsgosu: --match /srv/data: root stays root, although it belongs to 3000:3000",
  );
  t.match(
    match((one) => {
      volume(3000)(one);
      one.becomeUser(1000, 1001, [1001, 77]);
    }),
    /^125\ntsgosu: --match \/srv\/data: it belongs to 3000:3000, and only root may give these IDs to app \(1000:1001\)\n/,
  );
  t.equal(
    match((one) => {
      volume(3000)(one);
      one.becomeUser(3000, 9, [8]);
    }),
    "3000:9 8",
    "the owner already",
  );
  t.equal(match(volume(3000), "5:6"), "3000:3000 3000", "without a line");
  t.equal(match(volume(1000, 5), "5:6"), "1000:5 5,77", "the owner's line");
  t.match(
    came({ words: ["--match", "/etc", "app"] }),
    /^125\ntsgosu: --match \/etc: is a system directory\ntsgosu: hint: name the volume's directory$/,
  );
  t.equal(
    match(volume(3000, 3001), "--verbose", "app").split("\n").slice(1).join("\n"),
    [
      "tsgosu: /home/app: 1 file chowned",
      "tsgosu: --match /srv/data: app takes over 3000:3001",
      "tsgosu: became app, 3000:3001 with groups 77",
    ].join("\n"),
  );
  const asked = new Machine();
  volume(3000, 3001)(asked);
  const before = asked.files.state();
  t.match(
    asked.run(["tsgosu", "--check", "--verbose", "--match", "/srv/data", "app"]).stderr,
    "app takes over 3000:3001",
  );
  t.equal(asked.files.state(), before, "a question changes no file");
});

t.test("an owner that this user namespace does not map", async (t) => {
  const match = (uid: number, gid: number, change: (machine: Machine) => void = () => {}): string =>
    came({
      words: ["--match", "/srv/data", "app"],
      change: (one) => {
        mapped(one);
        volume(uid, gid)(one);
        change(one);
      },
    });
  const line = (what: string, id: number, ranges: string): string =>
    `125\ntsgosu: --match /srv/data: the owner's ${what} is not mapped in this user namespace, which shows it as ${id} (mapped: ${ranges})\ntsgosu: hint: chown the file on the host to an ID that is mapped, or map this one (--userns=keep-id, --uidmap, --gidmap, subuid)`;
  t.equal(match(65534, 5), line("UID", 65534, "0-999, 65000-65999"));
  t.equal(match(500, 65534), line("GID", 65534, "0-1999, 65000-65999"));
  t.equal(match(500, 501), "500:501 77,501");
  const other = ({ files }: Machine): void => {
    files.file("/proc/sys/kernel/overflowuid", "65533\n");
  };
  t.equal(match(65534, 501, other), "65534:501 77,501", "another ID stands for those that are not mapped");
  t.equal(match(65533, 501, other), line("UID", 65533, "0-999, 65000-65999"));
  const silent = ({ files }: Machine): void => {
    files.file("/proc/sys/kernel/overflowuid", "");
    files.file("/proc/sys/kernel/overflowgid", "");
  };
  t.equal(match(65534, 5, silent), line("UID", 65534, "0-999, 65000-65999"), "the kernel's default");
  t.equal(match(5, 65534, silent), line("GID", 65534, "0-1999, 65000-65999"));
});

t.test("the home directory of a match", async (t) => {
  const home = (path: string, change: (machine: Machine) => void = () => {}): string =>
    came({
      words: ["--verbose", "--match", "/srv/data", "app"],
      change: (one) => {
        volume(3000)(one);
        one.files.file("/etc/passwd", `app:x:1000:1001::${path}:\n`);
        change(one);
      },
    })
      .split("\n")
      .filter((line) => line.includes("home") || line.includes("chowned") || line.startsWith("125"))
      .join("\n");
  t.equal(home("/home/app"), "tsgosu: /home/app: 1 file chowned");
  t.equal(home("/home/none"), "tsgosu: home directory /home/none: there is none");
  t.equal(
    home("/home/app/file/in", ({ files }) => files.file("/home/app/file", "")),
    "tsgosu: home directory /home/app/file/in: there is none",
  );
  t.equal(home("home/app"), "", "no absolute path is no home");
  t.equal(home("/"), "tsgosu: home directory /: not chowned: it is a system directory");
  t.equal(
    home("/proc/app", ({ files }) => files.directory("/proc/app")),
    "tsgosu: home directory /proc/app: not chowned: it is a system directory",
  );
  const others = home("/home/app", ({ files }) =>
    files.directory("/home", 0o777).entries.set("app", files.directory("/srv/app")),
  );
  t.equal(
    others,
    "125\ntsgosu: home directory /home/app: cannot be chowned: others than root can change what is in /home",
  );
});

t.test("--group-of: the group that owns PATH", async (t) => {
  const join = (gid: number, ...words: string[]): string =>
    came({ words: ["--group-of", "/srv/data", ...(words.length === 0 ? ["app"] : words)], change: volume(5, gid) });
  t.equal(join(300), "1000:1001 77,300,1001");
  t.equal(join(77), "1000:1001 77,1001", "the user is in it");
  t.equal(join(1001), "1000:1001 77,1001", "it is the user's own");
  t.equal(
    join(0),
    "125\ntsgosu: --group-of /srv/data: its group is root's, which app must not join\ntsgosu: hint: give it a group of its own (chgrp) where it comes from, and let that group use it (chmod g+rw)",
  );
  t.equal(join(0, "app:0"), "1000:0 0", "unless the user has it");
  t.equal(join(0, "0"), "0:0");
  t.equal(
    came({
      words: ["--group-of", "/srv/data", "app"],
      change: (one) => {
        volume(5, 0)(one);
        one.files.file("/etc/group", "root:x:0:app\n");
      },
    }),
    "1000:1001 0,1001",
    "as one of its groups",
  );
  t.match(join(300, "--verbose", "app"), "\ntsgosu: joins group 300, which owns /srv/data\n");
  t.notMatch(join(77, "--verbose", "app"), "joins");
  t.notMatch(join(1001, "--verbose", "app"), "joins");
  const several = (one: Machine): void => {
    for (const gid of [300, 301]) one.files.file(`/srv/${gid}`, "", 0o644, 0, gid);
  };
  const words = ["--group-of", "/srv/300", "--group-of", "/srv/301", "--group-of", "/srv/300", "app"];
  t.equal(came({ words, change: several }), "1000:1001 77,300,301,1001");
  const chosen = (one: Machine): void => {
    one.files.directory("/srv", 0o755, 9);
    volume(5, 300)(one);
  };
  t.match(
    came({ words: ["--group-of", "/srv/data", "app"], change: chosen }),
    /^125\ntsgosu: --group-of \/srv\/data: its owner, UID 9, can change what is in \/srv\ntsgosu: hint: PATH should be/,
  );
  const foreign = (one: Machine): void => {
    mapped(one);
    volume(5, 65534)(one);
  };
  t.match(
    came({ words: ["--group-of", "/srv/data", "app"], change: foreign }),
    /^125\ntsgosu: --group-of \/srv\/data: its GID is not mapped in this user namespace/,
  );
});

t.test("--keep-groups: what tsgosu was started with, but not root's group", async (t) => {
  const started = (groups: number[], change: (machine: Machine) => void = () => {}): ((machine: Machine) => void) => {
    return (one) => {
      one.groups = groups;
      change(one);
    };
  };
  t.equal(came({ words: ["--keep-groups", "app"], change: started([0, 5, 77]) }), "1000:1001 5,77,1001");
  t.equal(came({ words: ["app"], change: started([0, 5, 77]) }), "1000:1001 77,1001");
  t.match(
    came({ words: ["--keep-groups", "app"], change: started([5, 65534], mapped) }),
    /^125\ntsgosu: --keep-groups: a group is not mapped in this user namespace, which shows it as 65534/,
  );
});

t.test("PATH: from the working directory, through links, to what is there", async (t) => {
  const chown = (path: string, change: (machine: Machine) => void = () => {}): string => {
    const outcome = came({
      words: ["--chown", path, "app"],
      change: (one) => {
        volume(5)(one);
        one.files.link("/proc/self/cwd", "/srv");
        change(one);
      },
    });
    const check = new Machine();
    volume(5)(check);
    check.files.link("/proc/self/cwd", "/srv");
    change(check);
    check.run(["tsgosu", "--chown", path, "app", "id"]);
    return outcome === "1000:1001 77,1001" ? `${check.files.at("/srv/data")?.uid}` : outcome;
  };
  for (const path of ["/srv/data", "/srv//data/", "/srv/./data", "/srv/data/../data", "data", "./data", "../srv/data"])
    t.equal(chown(path), "1000", path);
  const missing = (what: string, path: string): string =>
    `125\ntsgosu: --chown ${path}: ${what}\ntsgosu: hint: is it mounted there? If nothing is to be mounted, create it in the image`;
  t.equal(chown("/srv/none"), missing("no such file or directory", "/srv/none"));
  t.equal(chown("none"), missing("no such file or directory", "none"));
  t.equal(
    chown("/srv/file/in", ({ files }) => files.file("/srv/file", "")),
    missing("no such file or directory", "/srv/file/in"),
  );
  t.equal(
    chown("/srv/link", ({ files }) => files.link("/srv/link", "data")),
    "1000",
    "a link that is relative",
  );
  t.equal(
    chown("/srv/link", ({ files }) => files.link("/srv/link", "none")),
    missing("a symbolic link leads nowhere", "/srv/link"),
  );
  const circle = /^125\ntsgosu: --chown \/srv\/link: too many levels of symbolic links$/;
  t.match(
    chown("/srv/link", ({ files }) => files.link("/srv/link", "link")),
    circle,
  );
  const chain =
    (length: number) =>
    (one: Machine): void => {
      for (let i = 1; i < length; i++) one.files.link(`/srv/link${i}`, i + 1 < length ? `link${i + 1}` : "data");
      one.files.link("/srv/link", length === 1 ? "data" : "link1");
    };
  t.equal(chown("/srv/link", chain(40)), "1000", "as many as the kernel follows");
  t.match(chown("/srv/link", chain(41)), circle);
  t.equal(
    came({ words: ["--chown", "/srv/data", "app"], change: volume(5), overrides: { openPath: () => -ELOOP } }),
    "125\ntsgosu: --chown /srv/data: too many levels of symbolic links",
  );
});

t.test("--chown needs root, and an owner that is mapped", async (t) => {
  t.equal(
    came({
      words: ["--chown", "/srv/data", "app"],
      change: (one) => {
        volume(5)(one);
        one.becomeUser(1000, 1001, [1001, 77]);
      },
    }),
    "125\ntsgosu: --chown /srv/data: it belongs to 5:5, and only root may give it to 1000:1001\ntsgosu: hint: start the container as root (no --user, no runAsUser), or let the platform do it (fsGroup in Kubernetes)",
  );
  t.match(
    came({
      words: ["--chown", "/srv/data", "0"],
      change: (one) => {
        mapped(one);
        volume(65534, 5)(one);
      },
    }),
    /^125\ntsgosu: --chown \/srv\/data: the owner's UID is not mapped/,
  );
  const several = new Machine();
  volume(5)(several);
  several.run(["tsgosu", "--chown", "/srv/none", "--chown", "/srv/data", "app", "id"]);
  t.equal(several.files.at("/srv/data")?.uid, 5, "the first that cannot be given ends it");
});

t.test("what the kernel refuses a walk has a hint of its own", async (t) => {
  const refused = (errno: number, ...words: string[]): string =>
    came({
      words: [...words, "app"],
      change: (one) => {
        volume(3000)(one);
        const { files } = one;
        files.fault = (call, path) => (call === "chownPath" && !path.endsWith("/etc/passwd+") ? errno : 0);
      },
    }).replace(/^.*\n.*: (.*)\ntsgosu: hint: /, "$1 | ");
  const chown = ["--chown", "/srv/data"];
  const match = ["--match", "/srv/data"];
  const squash = "NFS with root_squash and some other file systems always refuse";
  const capabilities = "root needs the capabilities CHOWN and DAC_OVERRIDE here";
  t.equal(refused(EPERM, ...chown), `operation not permitted | ${capabilities}; ${squash}`);
  t.equal(
    refused(EPERM, ...match),
    `operation not permitted | ${capabilities} (--no-chown leaves the home alone); ${squash}`,
  );
  t.equal(refused(EROFS, ...chown), "read-only file system | mount the volume writable, or leave out the option");
  t.equal(
    refused(EINVAL, ...chown),
    "invalid argument | this user namespace does not map the ID (/proc/self/uid_map), so it can own no file: choose another",
  );
});

/** A volume of so many files. */
const large =
  (count: number) =>
  (one: Machine): void => {
    volume(5)(one);
    for (let i = 0; i < count; i++) one.files.file(`/srv/data/${i}`, "", 0o644, 5);
  };

t.test("long work ends when tsgosu is told to end, and leaves PATH as it is", async (t) => {
  for (const signal of [15, 2, 3, 1]) {
    const machine = new Machine();
    large(300)(machine);
    const { code, command } = machine.run(["tsgosu", "--chown", "/srv/data", "app", "id"], {
      takeSignal: (signals) => (signals.includes(signal) ? signal : 0),
    });
    t.same([code, command], [128 + signal, undefined]);
    t.equal(machine.files.at("/srv/data")?.uid, 5);
  }
  const machine = new Machine();
  large(300)(machine);
  let asked: readonly number[] = [];
  machine.run(["tsgosu", "--chown", "/srv/data", "app", "id"], {
    takeSignal: (signals) => {
      asked = signals;
      return 0;
    },
  });
  t.same(
    [...asked].sort((a, b) => a - b),
    [1, 2, 3, 15],
    "other signals are the command's",
  );
  t.equal(machine.files.at("/srv/data")?.uid, 1000);
});

t.test("long work shows its progress on a terminal, after a second, five times a second", async (t) => {
  const shown = (isTerminal: boolean, count: number, each: number): string[] => {
    const machine = new Machine();
    large(count)(machine);
    machine.isTerminal = isTerminal;
    let now = 10_000;
    const { stderr } = machine.run(["tsgosu", "--chown", "/srv/data", "app", "id"], {
      monotonic: () => {
        now += each;
        return now - each;
      },
    });
    return stderr.split("\r").slice(1);
  };
  const line = (files: number, rate: number, end = ""): string =>
    `tsgosu: chown /srv/data: ${files} files, ${rate} a second\x1b[K${end}`;
  t.same(shown(true, 127, 1000), [], "not before there are so many files");
  t.same(shown(true, 128, 1000), [line(128, 128), line(128, 64, "\n")]);
  t.same(shown(true, 128, 999), [], "not before a second");
  t.same(shown(true, 384, 1000), [line(128, 128), line(256, 128), line(384, 128), line(384, 96, "\n")]);
  t.equal(shown(true, 128 * 30, 100).length, 11 + 1, "after 1000 ms, then every 200");
  t.same(shown(false, 384, 1000), [], "not in a file");
});

t.test("PID 1 holds signals while it works, and gives them back", async (t) => {
  const calls = (pid: number, ...words: string[]): string[] => {
    const machine = new Machine();
    volume(3000)(machine);
    machine.pid = pid;
    machine.run(["tsgosu", ...words, "app", "id"]);
    return machine.files.calls.filter((call) => call.endsWith("Signals "));
  };
  const both = ["holdSignals ", "restoreSignals "];
  t.same(calls(1, "--exec", "--chown", "/srv/data"), both);
  t.same(calls(1, "--exec", "--match", "/srv/data"), both);
  t.same(calls(1, "--exec", "--match", "/srv/data", "--chown", "/srv/data"), both, "there is nothing left to chown");
  t.same(calls(7, "--exec", "--chown", "/srv/data"), [], "the kernel keeps signals for nobody else");
  t.same(calls(7, "--exec", "--match", "/srv/data"), []);
  t.same(calls(1, "--chown", "/srv/data"), ["holdSignals "], "as init it holds them all along");
  t.same(calls(1, "--match", "/srv/data"), ["holdSignals "]);
  for (const [call, what] of [
    ["holdSignals", "hold"],
    ["restoreSignals", "restore"],
  ] as const) {
    const machine = new Machine();
    volume(3000)(machine);
    machine.pid = 1;
    t.match(machine.run(["tsgosu", "--exec", "--chown", "/srv/data", "app", "id"], { [call]: () => -EIO }), {
      code: 125,
      stderr: `tsgosu: cannot ${what} signals: input/output error\n`,
      command: undefined,
    });
  }
});

t.test("the account files are left alone where they are not what they were", async (t) => {
  const vanish = (path: string, remove: (machine: Machine) => void): string =>
    came({
      words: ["--match", "/srv/data", "app"],
      change: (one) => {
        volume(3000)(one);
        one.files.fault = (call) => {
          if (call === "lock") remove(one);
          return 0;
        };
      },
    }).replace(`tsgosu: ${path}: `, "");
  t.equal(
    vanish("/etc/group", ({ files }) => files.at("/etc")?.entries.delete("group")),
    "125\nthe file has vanished while tsgosu was working\ntsgosu: hint: is another program changing users?",
  );
  const without = came({
    words: ["--match", "/srv/data", "app"],
    change: (one) => {
      volume(3000)(one);
      one.files.at("/etc")?.entries.delete("group");
    },
  });
  t.equal(without, "3000:3000 3000", "there was none before");
});
