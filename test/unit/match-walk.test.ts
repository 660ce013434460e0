// The walk over a tree that changes hands: which files by which calls, what vanishes meanwhile, and what is said.

import t from "tap";
import { EACCES, EINVAL, EIO, ENOENT, EPERM } from "../../src/kernel/errno.ts";
import type { FakeFiles, FakeNode } from "../support/fake-files.ts";
import { Machine } from "../support/fake-machine.ts";

const ENODATA = 61;
const EOPNOTSUPP = 95;
const ENOTDIR = 20;

/** Gives /srv/data to app, whose IDs are 1000:1001; what is said, without what is said of the switch. */
function chown(change: (machine: Machine) => void, words: readonly string[] = ["--chown", "/srv/data"]): Gone {
  const machine = new Machine();
  machine.files.directory("/srv/data", 0o755, 5);
  change(machine);
  const { stderr, command } = machine.run(["tsgosu", "--verbose", ...words, "app", "id"]);
  const said = stderr.replace(/^tsgosu: (became|--match).*\n/gm, "");
  return { files: machine.files, said, calls: machine.files.calls, isRun: command !== undefined };
}

interface Gone {
  readonly files: FakeFiles;
  readonly said: string;
  readonly calls: readonly string[];
  readonly isRun: boolean;
}

const owner = (files: FakeFiles, path: string): string => {
  const node = files.at(path);
  return node === undefined ? "missing" : `${node.uid}:${node.gid}`;
};

t.test("an ordinary file in a directory of root's is given by its name, and nothing else is", async (t) => {
  const byName = (change: (files: FakeFiles) => void): boolean => {
    const { files, calls, said } = chown(({ files }) => {
      files.directory("/srv/data/in");
      files.file("/srv/data/in/file", "", 0o664, 7, 8);
      change(files);
    });
    t.equal(owner(files, "/srv/data/in/file"), "1000:1001");
    t.equal(said, "tsgosu: /srv/data: 3 files chowned\n");
    return calls.includes("chownAt /srv/data/in/file") && !calls.includes("openPathOnMount /srv/data/in/file");
  };
  const node = (files: FakeFiles): { mode: number; links: number; mount: number; uid: number; gid: number } =>
    files.at("/srv/data/in/file") ?? files.root;
  t.equal(
    byName(() => {}),
    true,
  );
  t.equal(
    byName((files) => (node(files).uid = 1000)),
    true,
    "the group alone",
  );
  t.equal(
    byName((files) => (node(files).gid = 1001)),
    true,
    "the owner alone",
  );
  t.equal(
    byName((files) => (node(files).mode |= 0o100)),
    false,
    "a program",
  );
  t.equal(
    byName((files) => (node(files).mode |= 0o2000)),
    false,
    "setgid",
  );
  t.equal(
    byName((files) => files.directory("/srv/data/in", 0o777).entries.set("file", files.file("/x", "", 0o664, 7, 8))),
    false,
    "anybody may put another there",
  );
  t.equal(
    byName((files) => files.directory("/srv/data/in", 0o755, 9).entries.set("file", files.file("/x", "", 0o664, 7, 8))),
    false,
    "the directory's owner may",
  );
  t.equal(
    byName((files) => {
      files.fault = (call, path) => (call === "chownAt" && path.endsWith("/file") ? EPERM : 0);
    }),
    false,
    "it is refused by its name",
  );
  const { calls, said } = chown(({ files }) => files.file("/srv/data/in/done", "", 0o644, 1000, 1001));
  t.ok(calls.includes("statAt /srv/data/in/done"));
  t.notOk(
    calls.some((call) => /^(chownAt|openPathOnMount) .*done$/.test(call)),
    "it is the user's already",
  );
  t.equal(said, "tsgosu: /srv/data: 2 files chowned\n");
  const link = chown(({ files }) => files.link("/srv/data/in/link", "/etc/passwd", 7));
  t.notOk(
    link.calls.some((call) => /^statAt .*link$/.test(call)),
    "a link is no ordinary file",
  );
  t.equal(owner(link.files, "/srv/data/in/link"), "1000:1001");
  const mounted = chown(({ files }) => {
    files.file("/srv/data/in/mounted", "").mount = 99;
  });
  t.equal(owner(mounted.files, "/srv/data/in/mounted"), "0:0");
});

t.test("of a home, what the old IDs own gets the new ones, each ID for itself", async (t) => {
  // In a directory of root's files are given by name; in the user's, by descriptor.
  for (const mode of [0o755, 0o777]) {
    const { files, said } = chown(
      ({ files }) => {
        files.directory("/srv/data", 0o755, 3000, 3001);
        files.directory("/home/app", mode, 0, 0);
        files.file("/home/app/both", "", 0o644, 1000, 1001);
        files.file("/home/app/uid", "", 0o644, 1000, 50);
        files.file("/home/app/gid", "", 0o644, 50, 1001);
        files.file("/home/app/neither", "", 0o644, 50, 51);
      },
      ["--match", "/srv/data"],
    );
    t.same(
      ["both", "uid", "gid", "neither"].map((name) => owner(files, `/home/app/${name}`)),
      ["3000:3001", "3000:50", "50:3001", "50:51"],
    );
    t.equal(owner(files, "/home/app"), "0:0");
    t.match(said, "tsgosu: /home/app: 3 files chowned\n");
  }
});

t.test("what vanishes meanwhile is no error, and what only seems to is looked for again", async (t) => {
  const failing = (times: number): Gone =>
    chown(({ files }) => {
      files.directory("/srv/data/open", 0o777);
      files.file("/srv/data/open/file", "", 0o644, 7);
      files.file("/srv/data/open/other", "", 0o644, 7);
      let left = times;
      files.fault = (call, path) =>
        call === "openPathOnMount" && path.endsWith("open/file") && left-- > 0 ? ENOENT : 0;
    });
  t.equal(owner(failing(1).files, "/srv/data/open/file"), "1000:1001", "it was renamed to and fro");
  const gone = failing(2);
  t.same([owner(gone.files, "/srv/data/open/file"), gone.isRun], ["7:7", true]);
  t.equal(owner(gone.files, "/srv/data/open/other"), "1000:1001");
  t.equal(gone.said, "tsgosu: /srv/data: 3 files chowned\n");

  for (const call of ["openDirectory", "readdir"]) {
    for (const links of [0, 2]) {
      const removed = chown(({ files }) => {
        const node = files.directory("/srv/data/in", 0o777);
        files.fault = (one, path) => {
          if (one !== call || path !== "/srv/data/in") return 0;
          node.links = links;
          return ENOENT;
        };
      });
      t.equal(removed.isRun, links === 0, `${call}: ${links}`);
      if (links === 2)
        t.match(
          removed.said,
          `/srv/data/in: cannot be given to the user: ${call === "readdir" ? "getdents64" : "openat"}: no such`,
        );
    }
    const refused = chown(({ files }) => {
      const node = files.directory("/srv/data/in", 0o777);
      node.links = 0;
      files.fault = (one, path) => (one === call && path === "/srv/data/in" ? EIO : 0);
    });
    t.equal(refused.isRun, false, "another error is one, also of what was removed");
    const unknown = chown(({ files }) => {
      files.directory("/srv/data/in", 0o777);
      let isGone = false;
      files.fault = (one, path) => {
        if (path !== "/srv/data/in") return 0;
        isGone ||= one === call;
        return one === call ? ENOENT : one === "fstat" && isGone ? EIO : 0;
      };
    });
    t.equal(unknown.isRun, false, "nobody can tell whether it was removed");
  }
});

t.test("an error says which file and which call", async (t) => {
  const refused = (call: string, path: string, errno = EACCES): string =>
    chown(({ files }) => {
      let deep = "/srv/data/a";
      for (let i = 0; i < 30; i++) {
        files.directory(deep, 0o777);
        deep += "/b";
      }
      files.file("/srv/data/a/file", "", 0o644, 7);
      files.fault = (one, at) => (one === call && at === path ? errno : 0);
    })
      .said.split("\n")
      .find((line) => line.startsWith("tsgosu: --chown"))
      ?.replace(/^tsgosu: --chown: /, "") ?? "";
  const why = (path: string, what: string): string => `${path}: cannot be given to the user: ${what}permission denied`;
  t.equal(refused("openPathOnMount", "/srv/data/a/file"), why("/srv/data/a/file", "openat: "));
  t.equal(refused("fstat", "/srv/data/a/file"), why("/srv/data/a/file", "statx: "));
  t.equal(refused("chownPath", "/srv/data/a/file"), why("/srv/data/a/file", ""));
  t.equal(refused("readdir", "/srv/data/a"), why("/srv/data/a", "getdents64: "));
  t.match(
    refused("openParent", "/srv/data/a"),
    /^\/srv\/data\/a\/b\/\.\.: cannot be given to the user: openat: permission/,
  );
  t.equal(
    refused("chownPath", "/srv/data"),
    why("/srv/data/a/file", ""),
    "the time cannot be told, so nothing is given",
  );
});

t.test("of links that are left, the first is named", async (t) => {
  const { said, files } = chown(({ files }) => {
    files.file("/etc/outside", "");
    for (const name of ["a", "b"]) files.hardLink(`/srv/data/${name}`, "/etc/outside");
  });
  t.match(
    said,
    /^tsgosu: \/srv\/data: 2 links left unchanged, .*: \/srv\/data\/a\ntsgosu: \/srv\/data: 1 file chowned\n$/,
  );
  t.equal(owner(files, "/etc/outside"), "0:0");
});

t.test("what chown takes away is counted of files alone", async (t) => {
  const { said } = chown(({ files }) => {
    files.directory("/srv/data/setgid", 0o2775, 7);
    const odd = files.file("/srv/data/odd", "", 0o644, 7);
    odd.attributes.set("security.capability", Buffer.from("cap"));
    const link = files.link("/srv/data/link", "/x", 7);
    link.attributes.set("security.capability", Buffer.from("cap"));
    files.file("/srv/data/group", "", 0o2710, 7);
    files.file("/srv/data/locked", "", 0o2744, 7);
  });
  t.equal(
    said,
    "tsgosu: /srv/data: setuid or setgid bits or capabilities removed from 1 file\ntsgosu: /srv/data: 6 files chowned\n",
  );
});

t.test("the account files keep what they had, and no step is taken for another", async (t) => {
  const match = (change: (machine: Machine) => void): Gone =>
    chown(
      (machine) => {
        machine.files.directory("/srv/data", 0o755, 3000, 3001);
        machine.files.directory("/home/app", 0o755, 0, 0);
        machine.files.at("/etc/passwd")?.attributes.set("user.some", Buffer.from("abc"));
        change(machine);
      },
      ["--match", "/srv/data"],
    );
  const failing = (call: string, path: string, errno: number): Gone =>
    match(({ files }) => {
      files.fault = (one, at) => (one === call && at === path ? errno : 0);
    });
  const isReplaced = ({ calls }: Gone): boolean =>
    calls.includes("rename /etc/passwd+") && !calls.includes("pwrite /etc/passwd");
  t.equal(isReplaced(match(() => {})), true);
  t.equal(isReplaced(failing("fsync", "/etc/passwd+", EINVAL)), true, "nothing to flush");
  t.equal(isReplaced(failing("fsync", "/etc/passwd+", EIO)), false);
  t.equal(isReplaced(failing("listxattr", "/etc/passwd", EOPNOTSUPP)), true, "no attributes to lose");
  t.equal(isReplaced(failing("listxattr", "/etc/passwd", EIO)), false);
  t.equal(isReplaced(failing("getxattr", "/etc/passwd", ENODATA)), true, "it has been removed meanwhile");
  t.equal(isReplaced(failing("getxattr", "/etc/passwd", EIO)), false);
  t.equal(isReplaced(failing("setxattr", "/etc/passwd+", EPERM)), false);
  t.same(
    match(() => {}).calls.filter((call) => call.startsWith("setxattr")),
    ["setxattr /etc/passwd+"],
  );
  const said = failing("fsync", "/etc", EINVAL).said;
  t.notMatch(said, "power failure");
  t.match(failing("open", "/etc", EACCES).said, "a power failure may bring back the old file: permission denied\n");
  const removing = match(({ files }) => {
    files.fault = (call, path) => {
      if (call === "rename" && path === "/etc/passwd+") {
        files.at("/etc")?.entries.delete("passwd+");
        return EACCES;
      }
      return call === "unlink" && path === "/etc/passwd+" && files.at(path) === undefined ? ENOENT : 0;
    };
  });
  t.notMatch(removing.said, "cannot be removed");
  const linked = match(({ files }) => {
    const node = files.at("/etc/passwd");
    if (node !== undefined) files.at("/etc")?.entries.set("real", node);
    files.link("/etc/passwd", "/etc/real");
  });
  t.equal(linked.calls.includes("rename /etc/passwd+"), false, "a link is kept");
  t.match(linked.files.at("/etc/real")?.bytes.toString(), "app:x:3000:3001:");
  const waiting = match(({ files }) => {
    let times = 0;
    files.fault = (call) => (call === "lock" && ++times < 3 ? 4 : 0);
  });
  t.equal(waiting.isRun, true, "an interrupted wait goes on");
  let pauses = 0;
  const hung = new Machine();
  hung.files.directory("/srv/data", 0o755, 3000);
  hung.files.fault = (call) => (call === "lock" ? 11 : 0);
  hung.run(["tsgosu", "--match", "/srv/data", "app", "id"], {
    takeSignal: (_signals, milliseconds) => {
      pauses += milliseconds;
      return 0;
    },
  });
  t.equal(pauses, 15_020, "15 s, and the pause after the last try");
});

t.test("in place, the file is written from where it differs", async (t) => {
  const written: string[] = [];
  const inPlace = (line: string): Gone =>
    chown(
      (machine) => {
        machine.files.directory("/srv/data", 0o755, 3000, 3001);
        machine.files.file("/etc/passwd", `root:x:0:0::/:\n${line}`);
        machine.files.fault = (call, path) => {
          if (call === "pwrite" || call === "ftruncate") written.push(`${call} ${path}`);
          return call === "rename" && path === "/etc/passwd+" ? 16 : 0;
        };
      },
      ["--match", "/srv/data"],
    );
  t.equal(
    inPlace("app:x:1000:1001::/:\n").files.at("/etc/passwd")?.bytes.toString(),
    "root:x:0:0::/:\napp:x:3000:3001::/:\n",
  );
  t.same(written.splice(0), ["pwrite /etc/passwd"], "as long as before: nothing is cut");
  t.equal(
    inPlace("app:x:1000000:1001::/:\n").files.at("/etc/passwd")?.bytes.toString(),
    "root:x:0:0::/:\napp:x:3000:3001::/:\n",
  );
  t.same(written.splice(0), ["pwrite /etc/passwd", "ftruncate /etc/passwd"]);
  t.equal(
    inPlace("app:x:1:1::/:\n").files.at("/etc/passwd")?.bytes.toString(),
    "root:x:0:0::/:\napp:x:3000:3001::/:\n",
  );
  t.same(written.splice(0), ["pwrite /etc/passwd"]);
});

t.test("a file that grew and was not written whole is as long as before", async (t) => {
  const cuts: string[] = [];
  const restore = (line: string): string => {
    const { files } = chown(
      (machine) => {
        const { files } = machine;
        files.directory("/srv/data", 0o755, 3000, 3001);
        files.file("/etc/passwd", line);
        files.mostPwritten = 12;
        let writes = 0;
        files.fault = (call, path) => {
          if (call === "pwrite" && ++writes === 2) files.mostPwritten = Number.POSITIVE_INFINITY;
          if (call === "ftruncate") cuts.push(path);
          return call === "rename" && path === "/etc/passwd+" ? 16 : 0;
        };
      },
      ["--match", "/srv/data"],
    );
    return files.at("/etc/passwd")?.bytes.toString() ?? "";
  };
  t.equal(restore("app:x:1:1::/:\n"), "app:x:1:1::/:\n");
  t.same(cuts.splice(0), ["/etc/passwd"]);
  t.equal(restore("app:x:1000:1001::/:\n"), "app:x:1000:1001::/:\n");
  t.same(cuts, [], "one that did not grow is not cut");
});

t.test("PATH: errors on the way", async (t) => {
  const refused = (change: (machine: Machine) => void, path = "/srv/data"): string =>
    chown(change, ["--chown", path]).said.split("\n")[0] ?? "";
  const failing =
    (call: string, path: string, errno: number) =>
    ({ files }: Machine): void => {
      files.link("/srv/link", "data");
      let times = 0;
      files.fault = (one, at) => (one === call && at === path && ++times > 0 ? errno : 0);
    };
  t.equal(refused(failing("openPathAt", "/srv/data", EACCES)), "tsgosu: --chown /srv/data: permission denied");
  t.equal(refused(failing("openPathAt", "/srv/data", ENOTDIR)), "tsgosu: --chown /srv/data: not a directory");
  t.equal(refused(failing("fstat", "/srv/data", EIO)), "tsgosu: --chown /srv/data: statx: input/output error");
  t.equal(
    refused(failing("readlink", "/srv/link", EIO), "/srv/link"),
    "tsgosu: --chown /srv/link: readlinkat: input/output error",
  );
  t.equal(refused(failing("openPath", "/", ENOENT)), "tsgosu: --chown /srv/data: no such file or directory");
  t.equal(
    refused(({ files }) => files.link("/srv/empty", ""), "/srv/empty"),
    "tsgosu: --chown /srv/empty: too many levels of symbolic links",
  );
  const root = refused(({ files }) => {
    files.root.mode = 0o040777;
  });
  t.equal(root, "tsgosu: --chown /srv/data: others than root can change what is in /");
  let tries = 0;
  const once = chown(({ files }) => {
    files.fault = (call, path) => (call === "openPathAt" && path === "/srv/data" && ++tries === 1 ? ENOENT : 0);
  });
  t.equal(owner(once.files, "/srv/data"), "1000:1001", "it is looked for again");
  t.equal(once.files.openCount(), 0, "no descriptor stays open");
  const both = refused(({ files }) => {
    files.directory("/srv", 0o777).entries.set("in", files.directory("/y", 0o755, 9));
    files.directory("/srv/in/data", 0o755, 5);
  }, "/srv/in/data");
  t.equal(both, "tsgosu: --chown /srv/in/data: others than root can change what is in /srv", "the first is named");
  const around = refused(({ files }) => {
    files.directory("/srv/theirs", 0o777);
    files.directory("/srv/theirs/data", 0o755, 5);
  }, "/srv/../srv/theirs/data");
  t.equal(around, "tsgosu: --chown /srv/../srv/theirs/data: others than root can change what is in /srv/theirs");
  t.equal(refused(failing("stat", "/sys", EIO)), "tsgosu: /sys: cannot be looked at: input/output error");
  t.equal(
    owner(chown(failing("stat", "/sys", ENOENT)).files, "/srv/data"),
    "1000:1001",
    "a directory that is not there",
  );
});

t.test("a kernel that does not know openat2, or a profile that refuses it", async (t) => {
  const outcome = (change: (files: FakeFiles) => void, errno = EPERM): string => {
    const machine = new Machine();
    const { files } = machine;
    files.directory("/srv/data", 0o755, 5);
    files.directory("/srv/data/open", 0o777, 5);
    files.file("/srv/data/open/file", "", 0o644, 5);
    change(files);
    const { stderr } = machine.run(["tsgosu", "--chown", "/srv/data", "app", "id"], { openPathOnMount: () => -errno });
    return `${owner(files, "/srv/data/open/file")} ${stderr.trimEnd().replace(/\n.*/s, "")}`.trim();
  };
  const nothing = (): void => {};
  t.equal(outcome(nothing), "1000:1001");
  t.equal(outcome(nothing, 38), "1000:1001");
  t.match(outcome(nothing, EACCES), /^5:5 .*openat: permission denied$/, "another refusal is one");
  const failing =
    (call: string, errno: number) =>
    (files: FakeFiles): void => {
      files.fault = (one, path) => (one === call && path === "/srv/data/open/file" ? errno : 0);
    };
  t.match(outcome(failing("openPathAt", EACCES)), /^5:5 .*openat: permission denied$/);
  t.match(outcome(failing("fstatKnown", EIO)), /^5:5 .*openat: input\/output error$/);
  const untold = (files: FakeFiles): void => {
    const node = files.at("/srv/data/open/file");
    if (node !== undefined) node.mount = -7;
    files.fault = (one, path) => (one === "readFile" && path.startsWith("/proc/self/fdinfo/") ? ENOENT : 0);
  };
  t.match(outcome(untold), /^5:5 .*openat: unknown to this kernel$/, "what may be on another mount is not passed over");
});

t.test("the time that links are told by cannot be read", async (t) => {
  let times = 0;
  const { said, files, isRun } = chown(({ files }) => {
    files.file("/srv/data/one", "");
    files.hardLink("/srv/data/two", "/srv/data/one");
    files.fault = (call, path) => (call === "chownPath" && path === "/srv/data" && ++times === 2 ? EPERM : 0);
  });
  t.equal(isRun, false);
  t.match(said, /\/srv\/data: cannot be given to the user: operation not permitted\n/);
  t.equal(owner(files, "/srv/data/one"), "0:0");
});

t.test("who has chosen is said before what is missing", async (t) => {
  const said = (path: string): string =>
    chown(
      ({ files }) => {
        files.directory("/srv/theirs", 0o777);
        files.link("/srv/theirs/link", "/none", 9);
        files.directory("/srv/theirs/in", 0o755, 9);
      },
      ["--chown", path],
    ).said.split("\n")[0] ?? "";
  const theirs = (path: string): string =>
    `tsgosu: --chown ${path}: others than root can change what is in /srv/theirs`;
  t.equal(said("/srv/theirs/link"), theirs("/srv/theirs/link"));
  t.equal(said("/srv/theirs/in/../none"), theirs("/srv/theirs/in/../none"), "it may have been moved");
  for (const path of ["/..", "/../", "/srv/..", "/../../etc"])
    t.equal(
      said(path),
      `tsgosu: --chown ${path}: is a system directory`,
      "above the root directory is the root directory",
    );
});

t.test("a mount that nobody tells is no mount point", async (t) => {
  const said = (top: number, inner: number): boolean =>
    chown(({ files }) => {
      files.directory("/srv", 0o777).mount = top;
      files.directory("/srv/data", 0o755, 5).mount = inner;
      files.fault = (call, path) => (call === "readFile" && path.startsWith("/proc/self/fdinfo/") ? ENOENT : 0);
    }).isRun;
  const [known, other, untold] = [1, 2, -7];
  t.equal(said(known, other), true, "a mount point");
  t.same(
    [said(known, known), said(known, untold), said(untold, known), said(untold, untold)],
    [false, false, false, false],
  );
});

t.test("a file system that is full, or read-only, is not written in another way", async (t) => {
  const match = (faults: Readonly<Record<string, number>>): Gone =>
    chown(
      (machine) => {
        machine.files.directory("/srv/data", 0o755, 3000, 3001);
        machine.files.directory("/home/app", 0o755, 0, 0);
        machine.files.fault = (call, path) => faults[`${call} ${path}`] ?? 0;
      },
      ["--match", "/srv/data"],
    );
  const written = ({ calls }: Gone): boolean => calls.some((call) => call.startsWith("pwrite"));
  for (const errno of [28, 122, 27]) t.equal(written(match({ "write /etc/passwd+": errno })), false, `${errno}`);
  t.equal(written(match({ "write /etc/passwd+": EIO })), true);
  const both = match({ "open /etc/passwd+": EACCES, "open /etc/passwd": EACCES });
  t.equal(both.isRun, false, "it cannot even be read");
  const group = match({ "open /etc/group+": EACCES, "pwrite /etc/group": EACCES });
  t.match(group.said, "tsgosu: /etc/group: cannot be written: permission denied; continuing with the IDs 3000:3001\n");
  t.match(group.files.at("/etc/passwd")?.bytes.toString(), "app:x:1000:1001:", "the next start tries again");
  const fixed = match({ "open /etc/group+": 30, "pwrite /etc/group": 30 });
  t.notMatch(fixed.said, "hint");
  t.match(fixed.files.at("/etc/passwd")?.bytes.toString(), "app:x:3000:3001:", "what is read-only stays so");
});

t.test("errors at the top, of a directory, and above one", async (t) => {
  const failing = (fault: (call: string, path: string) => number): string =>
    chown(({ files }) => {
      let deep = "/srv/data/a";
      for (let i = 0; i < 30; i++, deep += "/b") files.directory(deep, 0o777);
      files.fault = (call, path) => fault(call, path);
    })
      .said.split("\n")
      .slice(-4)
      .find((line) => line.startsWith("tsgosu: --chown")) ?? "";
  const at = (path: string, what = ""): string =>
    `tsgosu: --chown: ${path}: cannot be given to the user: ${what}input/output error`;
  const on = (call: string, path: string, nth: number) => {
    let times = 0;
    return failing((one, where) => (one === call && where === path && ++times === nth ? EIO : 0));
  };
  t.equal(on("openDirectory", "/srv/data", 2), at("/srv/data", "openat: "), "after it is locked");
  t.equal(on("chownPath", "/srv/data", 2), at("/srv/data"));
  t.equal(on("chownPath", "/srv/data/a", 1), at("/srv/data/a"));
  let isAbove = false;
  const above = failing((call, path) => {
    if (call === "openParent" && path === "/srv/data/a") isAbove = true;
    return isAbove && call === "fstat" && path === "/srv/data/a" ? EIO : 0;
  });
  t.equal(above, at("/srv/data/a/b/..", "statx: "));

  const moved = chown(({ files }) => {
    let deep = "/srv/data/a";
    for (let i = 0; i < 30; i++, deep += "/b") files.directory(deep, 0o777);
    files.fault = (call, path) => {
      const below = files.at("/srv/data/a/b");
      if (call === "openParent" && path === "/srv/data/a" && below !== undefined)
        files.directory("/srv/data/a").entries.set("b", below);
      return 0;
    };
  });
  t.match(
    moved.said,
    "tsgosu: --chown: /srv/data/a/b: was moved while tsgosu was working on it\ntsgosu: hint: another program moves directories: start again\n",
  );
});

t.test("PATH may be a file, and is given once", async (t) => {
  const { said, files } = chown(({ files }) => files.file("/srv/file", "", 0o644, 5), ["--chown", "/srv/file"]);
  t.equal(said, "tsgosu: /srv/file: 1 file chowned\n");
  t.equal(owner(files, "/srv/file"), "1000:1001");
});

t.test("where no mounts are told, nothing is given by its name", async (t) => {
  const { calls, files } = chown(({ files }) => {
    const visit = (node: FakeNode): void => {
      node.mount = -7;
      for (const child of node.entries.values()) visit(child);
    };
    files.file("/srv/data/in/file", "", 0o644, 5);
    visit(files.root);
    files.fault = (call, path) => (call === "readFile" && path.startsWith("/proc/self/fdinfo/") ? ENOENT : 0);
  });
  t.equal(owner(files, "/srv/data/in/file"), "1000:1001");
  t.notOk(calls.some((call) => call.startsWith("chownAt")));
});

t.test("the IDs of mounts are told apart by all their digits", async (t) => {
  const isRun = (inner: number): boolean =>
    chown(({ files }) => {
      files.directory("/srv", 0o777).mount = -12;
      files.directory("/srv/data", 0o755, 5).mount = inner;
    }).isRun;
  t.same([isRun(-13), isRun(-12)], [true, false]);
});

t.test("what is missing has a hint, and what cannot be looked at has none", async (t) => {
  const failing = (call: string, path: string, errno: number, words = ["--chown", "/srv/data"]): string =>
    chown(({ files }) => {
      files.fault = (one, at) => (one === call && at === path ? errno : 0);
    }, words).said;
  t.match(failing("openPathAt", "/srv/data", ENOTDIR), "not a directory\ntsgosu: hint: is it mounted there?");
  t.equal(failing("openPath", "/", ENOENT), "tsgosu: --chown /srv/data: no such file or directory\n");
  t.equal(
    failing("openPath", "/proc/self/cwd", ENOENT, ["--chown", "data"]),
    "tsgosu: --chown data: readlinkat: no such file or directory\n",
  );
  const inner = chown(
    ({ files }) => {
      files.directory("/srv/in");
      files.directory("/srv/theirs", 0o777);
      files.directory("/srv/theirs/data", 0o755, 5);
    },
    ["--chown", "/srv/in/../theirs/data"],
  );
  t.match(inner.said, "others than root can change what is in /srv/theirs\n", "the path after ..");
});

t.test("all attributes are kept, a question changes nothing, and options are named", async (t) => {
  const machine = new Machine();
  machine.files.directory("/srv/data", 0o755, 3000);
  const attributes = machine.files.at("/etc/passwd")?.attributes;
  for (const name of ["user.a", "user.b", "user.c"]) attributes?.set(name, Buffer.from(name));
  machine.run(["tsgosu", "--match", "/srv/data", "app", "id"]);
  t.same([...(machine.files.at("/etc/passwd")?.attributes.keys() ?? [])], ["user.a", "user.b", "user.c"]);

  const asked = new Machine();
  asked.files.directory("/srv/data", 0o755, 5);
  asked.run(["tsgosu", "--check", "--chown", "/srv/data", "app"]);
  t.equal(owner(asked.files, "/srv/data"), "5:5", "--check");

  const puid = new Machine();
  puid.environment["PUID"] = "2000";
  puid.files.fault = (call, path) => (call === "chownPath" && path === "/home/app" ? EPERM : 0);
  t.match(puid.run(["tsgosu", "--puid", "app", "id"]).stderr, /^tsgosu: --puid: \/home\/app: cannot be given/);
  const nobody = new Machine();
  nobody.files.directory("/srv/data", 0o755, 65534);
  t.equal(
    nobody.run(["tsgosu", "--match", "/srv/data", "app", "id"]).command?.ids,
    "65534:65534 77,65534",
    "all IDs are mapped",
  );
});
