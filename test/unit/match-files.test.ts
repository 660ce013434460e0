// --match and --chown on files in memory, whose calls fail: nothing is lost in silence, and the next start finishes.

import t from "tap";
import { identify } from "../../src/accounts/identify.ts";
import { AccountFiles } from "../../src/accounts/read.ts";
import { parseUserSpec } from "../../src/accounts/spec.ts";
import { matchIdentity } from "../../src/match/match.ts";
import type { FakeFiles, FakeNode } from "../support/fake-files.ts";
import { Exited } from "../support/fake-kernel.ts";
import {
  failing,
  GROUP_AFTER,
  image,
  OPTIONS,
  PASSWD,
  PASSWD_AFTER,
  ROOT,
  start,
  text,
} from "../support/match-image.ts";

const EPERM = 1;
const ENOENT = 2;
const EIO = 5;
const EAGAIN = 11;
const EACCES = 13;
const EBUSY = 16;
const ENOSPC = 28;
const EROFS = 30;
const ENOLCK = 37;
const EDQUOT = 122;

t.test("a start that nothing disturbs", async (t) => {
  const files = image();
  t.equal(start(files), "1000:1000 77");
  t.equal(files.said, "");
  t.equal(text(files, "/etc/passwd"), PASSWD_AFTER);
  t.equal(text(files, "/etc/group"), GROUP_AFTER);
  t.equal(files.at("/etc/passwd")?.mode, 0o100640);
  t.equal(files.at("/etc/passwd")?.gid, 42);
  t.equal(files.at("/etc/passwd")?.attributes.get("user.some")?.toString(), "abc");
  t.equal(files.at("/home/app/root")?.uid, 0);
  t.equal(files.at("/data/in/in/file")?.uid, 1000);
  t.equal(files.at("/data/one")?.uid, 1000, "all its links are in the tree");
  t.equal(files.openCount(), 0, "no descriptor stays open");
  const calls = files.calls.length;
  const state = files.state();
  t.equal(start(files), "1000:1000 77");
  t.equal(files.state(), state);
  t.notMatch(files.calls.slice(calls).join("\n"), /readdir|chown|lock/, "the second start walks nothing");
  t.equal(files.calls.filter((one) => one === "open /etc/passwd").length, 3, "at each start, and under the lock");
});

t.test("the lock", async (t) => {
  const outcome = (call: string, errno: number): string => {
    const files = failing(call, "/etc/.pwd.lock", errno);
    const result = start(files);
    const isWritten = text(files, "/etc/passwd") === PASSWD_AFTER;
    return `${result}${isWritten ? "; written" : "; not written"}${files.said === "" ? "" : `; ${files.said}`}`;
  };
  for (const [call, errno, reason] of [
    ["open", EACCES, "opened: permission denied"],
    ["open", EIO, "opened: input/output error"],
    ["lock", ENOLCK, "locked: "],
    ["lock", EIO, "locked: input/output error"],
  ] as const)
    t.match(outcome(call, errno), new RegExp(`^/etc/.pwd.lock: cannot be ${reason}.*; not written$`));
  t.equal(outcome("open", EROFS), "1000:1000 77; written", "nobody can take it, and nobody needs it");
  for (const errno of [ENOSPC, EDQUOT])
    t.match(
      outcome("open", errno),
      /^1000:1000 77; not written; tsgosu: \/etc\/group: cannot be written: .*\ntsgosu: hint: \/etc\/passwd is left unchanged/,
    );
  for (const errno of [EAGAIN, EACCES])
    t.match(outcome("lock", errno), /another process has held the lock for 15 s; not written$/);

  let tries = 0;
  const files = image();
  files.fault = (call) => (call === "lock" && ++tries < 5 ? EAGAIN : 0);
  t.equal(start(files), "1000:1000 77", "it is waited for");
  const again = failing("lock", "/etc/.pwd.lock", EAGAIN);
  t.throws(() => start(again, { takeSignal: () => 15 }), new Exited(143), "unless a signal comes");
});

t.test("what is decided under the lock is decided from what was read under it", async (t) => {
  // Whoever had the lock gave the GID to another group, and the user's group to another user.
  const files = image();
  const group = "root:x:0:\napp:x:10001:\nnew:x:1000:\n";
  files.fault = (call) => {
    const node = files.at("/etc/group");
    if (call === "lock" && node !== undefined) node.bytes = Buffer.from(group);
    return 0;
  };
  t.equal(start(files), "1000:1000 ");
  t.equal(text(files, "/etc/group"), group);

  const removed = image();
  removed.fault = (call) => {
    const node = removed.at("/etc/passwd");
    if (call === "lock" && node !== undefined) node.bytes = Buffer.from("root:x:0:0::/:\n");
    return 0;
  };
  t.match(start(removed), /^\/etc\/passwd: the line of 'app' has vanished/);
});

t.test("extended attributes are not lost", async (t) => {
  for (const [call, path] of [
    ["listxattr", "/etc/passwd"],
    ["getxattr", "/etc/passwd"],
    ["setxattr", "/etc/passwd+"],
  ] as const) {
    const files = failing(call, path, EIO);
    const inode = files.at("/etc/passwd")?.inode;
    t.equal(start(files), "1000:1000 77", call);
    t.equal(text(files, "/etc/passwd"), PASSWD_AFTER);
    t.equal(files.at("/etc/passwd")?.inode, inode, "written in place");
    t.equal(files.at("/etc/passwd")?.attributes.get("user.some")?.toString(), "abc");
    t.equal(files.at("/etc/passwd+"), undefined);
  }
});

/** passwd is a mount whose new bytes are fewer than the old. */
function mounted(): FakeFiles {
  const files = image();
  files.file("/etc/passwd", PASSWD.replace("10001:10001", "1000001:1000001"));
  files.file("/etc/group", "");
  files.directory("/home/app", 0o755, 1000001);
  return files;
}

t.test("writing in place", async (t) => {
  const before = text(mounted(), "/etc/passwd");
  const busy = (call: string, path: string): number =>
    call === "rename" && path.startsWith("/etc/passwd") ? EBUSY : 0;

  const files = mounted();
  files.fault = busy;
  t.equal(start(files), "1000:1000 ");
  t.equal(text(files, "/etc/passwd"), PASSWD_AFTER);

  const uncut = mounted();
  let cuts = 0;
  uncut.fault = (call, path) => (call === "ftruncate" && ++cuts === 1 ? EIO : busy(call, path));
  t.equal(start(uncut), "1000:1000 ");
  t.match(uncut.said, /^tsgosu: \/etc\/passwd: cannot be written: ftruncate: input\/output error; continuing with/);
  t.equal(text(uncut, "/etc/passwd"), before, "as it was, without empty lines");

  const short = mounted();
  short.mostPwritten = 5;
  short.fault = busy;
  t.match(start(short), /^\/etc\/passwd: is half written \(no space left on device\), and cannot be restored \(/);

  const refused = mounted();
  refused.fault = (call, path) => (call === "pwrite" ? EIO : busy(call, path));
  t.equal(start(refused), "1000:1000 ");
  t.match(refused.said, /^tsgosu: \/etc\/passwd: cannot be written: input\/output error; continuing with the IDs/);
  t.equal(text(refused, "/etc/passwd"), before);
});

t.test("what is left beside, and what may not be on the disk yet, is said", async (t) => {
  const files = image();
  files.fault = (call, path) => (path === "/etc/passwd+" && /rename|unlink/.test(call) ? EPERM : 0);
  t.equal(start(files), "1000:1000 77");
  t.equal(text(files, "/etc/passwd"), PASSWD_AFTER);
  t.equal(files.said, "tsgosu: /etc/passwd+: cannot be removed: operation not permitted\n");

  const unsynced = image();
  unsynced.fault = (call, path) => (call === "fsync" && path === "/etc" ? EIO : 0);
  t.equal(start(unsynced), "1000:1000 77");
  t.match(unsynced.said, /^tsgosu: \/etc\/group: changed, but a power failure may bring back the old file: fsync: /);
});

t.test("setuid and setgid bits and capabilities go, and are counted", async (t) => {
  const files = image();
  const modes: [string, number, number][] = [
    ["setuid", 0o4755, 0o755],
    ["setgid", 0o2755, 0o755],
    ["locked", 0o2644, 0o2644],
    ["plain", 0o755, 0o755],
    ["capable", 0o755, 0o755],
  ];
  for (const [name, mode] of modes) {
    files.file(`/data/in/${name}`, "text", mode);
    files.file(`/home/app/${name}`, "text", mode, 10001);
  }
  for (const path of ["/data/in/capable", "/home/app/capable"])
    files.at(path)?.attributes.set("security.capability", Buffer.from("cap"));
  t.equal(start(files), "1000:1000 77");
  for (const path of ["/data/in", "/home/app"])
    for (const [name, , mode] of modes) {
      t.equal(files.at(`${path}/${name}`)?.mode, 0o100000 | mode, `${path}/${name}`);
      t.equal(files.at(`${path}/${name}`)?.attributes.size, 0);
    }
  const line = "setuid or setgid bits or capabilities removed from 3 files\n";
  t.equal(files.said, `tsgosu: /home/app: ${line}tsgosu: /data: ${line}`);
});

t.test("files with several links", async (t) => {
  const left =
    /^tsgosu: \/data: (\d) links? left unchanged, to files that also have links elsewhere, or are being changed: (.*)\n$/;
  const files = image();
  files.file("/etc/outside", "text");
  files.hardLink("/data/in/outside", "/etc/outside");
  files.hardLink("/data/three", "/data/one");
  t.equal(start(files), "1000:1000 77");
  t.match(files.said, left);
  t.same(left.exec(files.said)?.slice(1), ["1", "/data/in/outside"]);
  t.equal(files.at("/etc/outside")?.uid, 0);
  t.equal(files.at("/data/one")?.uid, 1000, "three links, all in the tree");
  t.equal(files.at("/data")?.uid, 1000, "the work is done all the same");

  // Somebody removes a link in the tree between its opening and the look at it: one link is left, and it is elsewhere.
  const removing = image();
  removing.file("/etc/outside", "text");
  removing.directory("/data/open", 0o777);
  removing.hardLink("/data/open/link", "/etc/outside");
  removing.fault = (call, path) => {
    const node = removing.at("/data/open/link");
    if (call !== "fstat" || path !== "/data/open/link" || node === undefined) return 0;
    removing.at("/data/open")?.entries.delete("link");
    node.links--;
    node.changed = removing.clock;
    return 0;
  };
  t.equal(start(removing), "1000:1000 77");
  t.notOk(removing.at("/data/open/link"), "it was removed");
  t.equal(removing.at("/etc/outside")?.uid, 0);

  // What is only written meanwhile is given all the same.
  const writing = image();
  writing.directory("/data/open", 0o777);
  writing.file("/data/open/log", "text");
  let looks = 0;
  writing.fault = (call, path) => {
    const node = writing.at("/data/open/log");
    if (call === "fstat" && path === "/data/open/log" && node !== undefined && ++looks === 1)
      node.changed = writing.clock;
    return 0;
  };
  t.equal(start(writing), "1000:1000 77");
  t.equal(writing.at("/data/open/log")?.uid, 1000);
  t.equal(writing.said, "");

  // Somebody renames a link while links are counted, so that it is met twice.
  for (const clockStep of [1, 1000]) {
    const racing = image();
    racing.clockStep = clockStep;
    racing.file("/etc/outside", "text");
    racing.hardLink("/data/in/a", "/etc/outside");
    let countings = 0;
    racing.fault = (call, path) => {
      if (call !== "readdir" || path !== "/data/in/in/in" || ++countings !== 3) return 0;
      const deep = racing.at("/data/in/in/in");
      const node = racing.at("/data/in/a");
      if (deep === undefined || node === undefined) return 0;
      racing.at("/data/in")?.entries.delete("a");
      deep.entries.set("z", node);
      node.changed = racing.now();
      return 0;
    };
    t.equal(start(racing), "1000:1000 77");
    t.ok(countings > 2, "the tree was walked again");
    t.equal(racing.at("/etc/outside")?.uid, 0, `times of ${clockStep} ms`);
    t.same(left.exec(racing.said)?.slice(1), ["1", "/data/in/in/in/z"]);
  }

  // Where no later time comes, nothing can be told from the times, and every such file is left alone.
  const frozen = image();
  frozen.clockStep = 1e6;
  frozen.hardLink("/data/three", "/data/one");
  t.equal(start(frozen), "1000:1000 77");
  t.match(frozen.said, /^tsgosu: \/data: 3 links left unchanged/m);
  t.equal(frozen.at("/data/three")?.uid, 0);

  // Somebody moves a directory to where it is met again: no inode of a link changes by that.
  const moving = image();
  moving.file("/etc/outside", "text");
  moving.directory("/data/a", 0o777);
  moving.directory("/data/z", 0o777);
  moving.hardLink("/data/a/link", "/etc/outside");
  let openings = 0;
  moving.fault = (call, path) => {
    if (call === "openDirectory" && path === "/data/z" && ++openings === 2) {
      const data = moving.at("/data");
      const node = moving.at("/data/a");
      if (data !== undefined && node !== undefined) {
        data.entries.delete("a");
        moving.at("/data/z")?.entries.set("a", node);
      }
    }
    return 0;
  };
  t.equal(start(moving), "1000:1000 77");
  t.equal(moving.at("/data/z/a")?.uid, 1000, "the directory was met twice");
  t.equal(moving.at("/etc/outside")?.uid, 0);
  t.same(left.exec(moving.said)?.slice(1), ["1", "/data/z/a/link"]);
});

t.test("--chown: two starts work on a tree one after the other", async (t) => {
  const files = image();
  let looks = 0;
  files.fault = (call, path) => {
    if (call !== "flock" || ++looks === 4) return 0;
    // The other start is done.
    const top = files.at(path);
    if (looks === 3 && top !== undefined) top.uid = 1000;
    return EAGAIN;
  };
  t.equal(start(files), "1000:1000 77");
  t.equal(looks, 4);
  t.equal(files.said, "tsgosu: /data: waiting for another program that has locked it (flock)\n");
  t.equal(files.at("/data/one")?.uid, 0, "what is in the tree now is the other start's affair");

  // The other start had another user, who may exchange files by now: none is given by its name.
  const taken = image();
  taken.file("/data/plain", "text");
  let takes = 0;
  taken.fault = (call, path) => {
    const top = taken.at(path);
    if (call !== "flock" || ++takes === 2 || top === undefined) return 0;
    top.uid = 4711;
    return EAGAIN;
  };
  t.equal(start(taken), "1000:1000 77");
  t.equal(taken.at("/data/plain")?.uid, 1000);
  t.same(
    taken.calls.filter((one) => /^chownAt \/data\/[^/]*$/.test(one)),
    [],
  );

  // Where nothing can be locked, no file is given by its name, which another start's user might exchange.
  const unlocked = image();
  unlocked.file("/data/plain", "text");
  unlocked.fault = (call) => (call === "flock" ? ENOLCK : 0);
  t.equal(start(unlocked), "1000:1000 77");
  t.equal(unlocked.at("/data/plain")?.uid, 1000);
  t.same(
    unlocked.calls.filter((one) => one.startsWith("chownAt /data")),
    [],
  );
});

/** The mount of a file that the kernel tells in /proc alone, as before Linux 5.8. */
const OLD_MOUNT = -7;

/** Lets every file be on such a mount. */
function age(files: FakeFiles): FakeFiles {
  const visit = (node: FakeNode): void => {
    node.mount = OLD_MOUNT;
    for (const child of node.entries.values()) visit(child);
  };
  visit(files.root);
  return files;
}

t.test("mounts are not touched, whatever tells them", async (t) => {
  for (const [name, make, hasOpenat2] of [
    ["openat2, statx", image, true],
    ["statx", image, false],
    ["openat2, /proc", () => age(image()), true],
    ["/proc", () => age(image()), false],
  ] as const) {
    const files = make();
    files.hasOpenat2 = hasOpenat2;
    const lower = files.file("/data/in/lower", "text");
    lower.device = 2;
    lower.mount = files.root.mount;
    const mounted = files.file("/data/in/mounted", "text");
    const directory = files.directory("/data/in/directory");
    for (const node of [mounted, directory]) node.mount = files.root.mount - 1;
    t.equal(start(files), "1000:1000 77", name);
    t.equal(lower.uid, 1000, "overlay shows files of one mount with several devices");
    t.equal(mounted.uid, 0, "another mount of the same device is not entered");
    t.equal(directory.uid, 0);
    const asked = files.calls.filter((one) => /^(fstat|chown|openDirectory).*\/(mounted|directory)$/.test(one));
    t.same(
      asked.filter((one) => !one.startsWith("fstatKnown")),
      [],
      "no server is asked",
    );
  }

  const blind = age(image());
  blind.hasOpenat2 = false;
  blind.fault = (call, path) => (call === "readFile" && path.startsWith("/proc/self/fdinfo/") ? ENOENT : 0);
  t.match(start(blind), /^--match: \/home\/app\/\w+: cannot be given to the user: openat: unknown to this kernel$/);
  t.equal(text(blind, "/etc/passwd"), PASSWD);
});

t.test("nobody but root chooses what PATH is", async (t) => {
  const chown = (files: FakeFiles, path: string): string => {
    const outcome = start(files, {}, { ...OPTIONS, match: "", chown: [path] });
    return outcome.replace(/^10001:10001 77$/, `${files.at(path)?.uid}`);
  };
  const place = (mode: number, uid: number): FakeFiles => {
    const files = image();
    files.directory("/place", mode, uid);
    files.directory("/place/data/in");
    return files;
  };
  const theirs = "--chown /place/data: its owner, UID 5, can change what is in /place";
  const others = "--chown /place/data: others than root can change what is in /place";
  t.equal(chown(place(0o755, 0), "/place/data"), "10001");
  t.equal(chown(place(0o755, 5), "/place/data"), theirs);
  t.equal(chown(place(0o1777, 5), "/place/data"), theirs);
  t.equal(chown(place(0o775, 0), "/place/data"), others);
  t.equal(chown(place(0o757, 0), "/place/data"), others);
  t.equal(chown(place(0o1777, 0), "/place/data"), "10001", "a sticky directory, and root's in it");
  t.equal(chown(place(0o755, 5), "/place/data/in"), theirs.replace("data", "data/in"), "further up");

  const sticky = (change: (node: FakeNode) => void): string => {
    const files = place(0o1777, 0);
    const node = files.at("/place/data");
    if (node !== undefined) change(node);
    return chown(files, "/place/data");
  };
  t.equal(
    sticky((node) => (node.uid = 5)),
    others,
    "a user's in a sticky directory",
  );
  t.equal(
    sticky((node) => (node.mode |= 0o022)),
    others,
    "it can have been moved there",
  );
  t.equal(
    sticky((node) => (node.mode = 0o100644)),
    others,
    "it can be a link to root's file",
  );

  for (const [mode, uid] of [
    [0o755, 5],
    [0o777, 0],
  ] as const)
    for (const isOld of [false, true]) {
      const files = isOld ? age(place(mode, uid)) : place(mode, uid);
      for (const path of ["/place/data", "/place/data/in"]) {
        const node = files.at(path);
        if (node !== undefined) node.mount = files.root.mount - 1;
      }
      t.equal(chown(files, "/place/data"), "10001", "a mount point stays where it is");
    }
  const unknown = age(place(0o755, 5));
  unknown.fault = (call, path) => (call === "readFile" && path.startsWith("/proc/self/fdinfo/") ? ENOENT : 0);
  t.equal(chown(unknown, "/place/data"), theirs, "not known to be a mount point");

  const linked = (mode: number, uid: number): string => {
    const files = place(mode, uid);
    files.link("/place/link", "/data", uid);
    return chown(files, "/place/link");
  };
  t.equal(linked(0o755, 5), theirs.replace("data", "link"));
  t.equal(linked(0o1777, 0), others.replace("data", "link"));
  const roots = place(0o755, 0);
  roots.link("/place/link", "/data", 5);
  start(roots, {}, { ...OPTIONS, match: "", chown: ["/place/link"] });
  t.equal(roots.at("/data")?.uid, 10001, "root put it there, whoever owns it");
  t.equal(chown(place(0o755, 5), "/place/data/../../data"), theirs.replace("data", "data/../../data"));

  const matched = image();
  matched.directory("/place", 0o755, 10001);
  matched.file("/place/tree", "text", 0o666, 1000, 42);
  const match = { ...OPTIONS, chown: [], match: "/place/tree" };
  t.equal(start(matched, {}, match), "--match /place/tree: its owner, UID 10001, can change what is in /place");
  t.equal(text(matched, "/etc/passwd"), PASSWD);
  const group = matched.at("/place/tree");
  if (group !== undefined) group.uid = 10001;
  t.equal(
    start(matched, {}, match),
    "--match /place/tree: its owner, UID 10001, can change what is in /place",
    "a GID is not taken either",
  );
  if (group !== undefined) group.gid = 10001;
  t.equal(start(matched, {}, match), "10001:10001 77", "there is nothing to take");

  const home = image();
  const above = home.at("/home");
  if (above !== undefined) above.uid = 10001;
  t.equal(
    start(home),
    "home directory /home/app: cannot be chowned: its owner, UID 10001, can change what is in /home",
  );
  t.equal(text(home, "/etc/passwd"), PASSWD, "the mark that the work is done is not set");
  t.equal(start(home, {}, { ...OPTIONS, noChown: true }), "1000:1000 77");
});

t.test("what is the system's", async (t) => {
  for (const path of ["/", "/proc", "/etc/passwd", "/dev/pts/1", "/data/../etc", "/data/to-etc"]) {
    const files = image();
    files.directory("/dev/pts/1");
    files.link("/data/to-etc", "../etc");
    const nobodys = { ...OPTIONS, match: "", chown: [path] };
    t.equal(start(files, {}, nobodys), `--chown ${path}: is a system directory`);
  }
  const files = image();
  start(files, {}, { ...OPTIONS, match: "", chown: ["/etc/../data/in"] });
  t.equal(files.at("/data/in")?.uid, 10001);
});

t.test("the owner alone says that the work is done", async (t) => {
  const files = image();
  files.directory("/data", 0o755, 10001, 60);
  files.file("/data/roots", "text");
  t.equal(start(files, {}, { ...OPTIONS, match: "" }), "10001:10001 77");
  t.equal(files.at("/data/roots")?.uid, 0);
});

t.test("a home that is read-only", async (t) => {
  const files = image();
  files.isReadOnly = true;
  t.equal(start(files), "1000:1000 77");
  t.equal(files.said, "tsgosu: home directory /home/app: not chowned: read-only file system\n");
  t.equal(files.at("/home/app/file")?.uid, 10001);
  t.equal(text(files, "/etc/passwd"), PASSWD_AFTER);

  const refused = failing("chownPath", "/home/app", EROFS);
  t.match(start(refused), /^--match: \/home\/app\/file: cannot be given to the user: read-only file system$/);
  t.equal(text(refused, "/etc/passwd"), PASSWD, "the mark that the work is done is not set");
});

t.test("a limit on the size of files", async (t) => {
  const files = image();
  files.fileSizeLimit = PASSWD.length - 10;
  t.equal(start(files), "1000:1000 77");
  t.match(
    files.said,
    /^tsgosu: \/etc\/passwd: cannot be written: file too large; continuing with the IDs 1000:1000\n$/,
  );
  t.equal(text(files, "/etc/passwd"), PASSWD);
  files.fileSizeLimit = Number.POSITIVE_INFINITY;
  t.equal(start(files), "1000:1000 77");
  t.equal(text(files, "/etc/passwd"), PASSWD_AFTER, "the next start finishes");
});

t.test("a directory that is moved away", async (t) => {
  const files = image();
  files.fault = (call, path) => {
    const deep = files.at("/data/in");
    const below = deep?.entries.get("in");
    // Its parent becomes another directory once the walk has let go of that one.
    if (call === "openParent" && path === "/data/in" && below !== undefined)
      files.directory("/data/in").entries.set("in", below);
    return 0;
  };
  t.match(start(files), /^--chown: \/data\/in.*: was moved while tsgosu was working on it$/);
  t.equal(files.at("/data")?.uid, 0);
});

t.test("names from files are made printable", async (t) => {
  const files = image();
  const name = "ap\x1b[2Jp";
  files.file("/etc/passwd", `${name}:x:10001:10001::/home/app:/bin/sh\n`);
  const kernel = files.kernel();
  const accounts = new AccountFiles(kernel);
  const user = identify(parseUserSpec("10001"), accounts, 0, 0);
  const options = { ...OPTIONS, verbose: true };
  matchIdentity(kernel, options, user, accounts, { uids: ROOT, gids: ROOT, groups: [] });
  t.match(files.said, "tsgosu: --match /app: ap\\x1b[2Jp takes over 1000:1000\n");
  t.notMatch(files.said, "\x1b");
});
