// Single decisions of who the user is and what the process may: each differs from its neighbours in one thing.

import t from "tap";
import { sharesGroup } from "../../src/accounts/passwd.ts";
import { EACCES, EAGAIN, EINVAL, EPERM } from "../../src/kernel/errno.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { planMatch } from "../../src/match/plan.ts";
import { dropCapabilities } from "../../src/privilege/confine.ts";
import { type Credentials, describeIds } from "../../src/privilege/credentials.ts";
import { parseIdMap, readProc, whyUnmapped } from "../../src/privilege/idmap.ts";
import { refusePrivilegedFile } from "../../src/privilege/installation.ts";
import { handOverStreams } from "../../src/privilege/streams.ts";
import { explainRefusal } from "../../src/privilege/switch.ts";
import { bytesOf } from "../../src/text.ts";
import { fakeKernel, SOME_STAT } from "../support/fake-kernel.ts";
import { Machine, type Outcome } from "../support/fake-machine.ts";
import { fakeKernel as fakeCapabilities } from "../support/fake-privileges.ts";

/** A run of `tsgosu WORDS id` on a machine with these account files. */
function run(
  words: readonly string[],
  passwd: string,
  group = "root:x:0:\n",
  change = (_: Machine): void => {},
): Outcome {
  const machine = new Machine();
  machine.files.file("/etc/passwd", passwd);
  machine.files.file("/etc/group", group);
  change(machine);
  return machine.run(["tsgosu", ...words, "id"]);
}

const ROOT = "root:x:0:0::/root:/bin/sh\n";

t.test("an account file that is not needed need not be readable", async (t) => {
  const unreadable = ({ files }: Machine): void => {
    files.fault = (call, path) => (call === "open" && path === "/etc/group" ? EACCES : 0);
  };
  const app = `${ROOT}app:x:1000:1001::/:\n`;
  t.equal(run(["1234"], app, "", unreadable).command?.ids, "1234:0 0", "a number without a line");
  t.equal(run(["app:5"], app, "", unreadable).command?.ids, "1000:5 5", "a group by its number");
  t.equal(run(["1234:5"], app, "", unreadable).command?.ids, "1234:5 5");
  t.equal(run(["app"], app, "", unreadable).code, 125, "the groups of a user");
  t.equal(run(["1234:team"], app, "", unreadable).code, 125, "a group by its name");
  const nowhere = ({ files }: Machine): void => {
    files.fault = (call, path) => (call === "open" && path.startsWith("/etc/") ? 20 : 0);
  };
  t.equal(run(["1234"], app, "", nowhere).command?.ids, "1234:0 0", "/etc is no directory");
});

t.test("what an account says is taken as it says it", async (t) => {
  const shell = (line: string): string | undefined =>
    run(["--login", "app"], ROOT + line).command?.environment["SHELL"];
  t.equal(shell("app:x:1:1::/:\n"), "/bin/sh");
  t.equal(shell("app:x:1:1\n"), "/bin/sh");
  t.equal(shell("app:x:1:1::/:/bin/own\n"), "/bin/own");
  const home = (line: string): string | undefined => run(["app"], ROOT + line).command?.environment["HOME"];
  t.equal(home("app:x:1:1:::\n"), "/");
  t.equal(home("app:x:1:1::/srv:\n"), "/srv");
  t.equal(run(["5:root"], ROOT).command?.ids, "5:0 0", "root's group has the number 0");
  t.match(run(["app"], `${ROOT}app:x:0:bad::/:\n`).stderr, "because its GID is 'bad'\n");
  t.match(run(["4294967295:5"], ROOT).stderr, "user ID 4294967295 is out of range");
  t.equal(sharesGroup(bytesOf("app:x:1:5\nother:x:5:6\n"), "app", 5), false, "a UID is no GID");
  t.equal(sharesGroup(bytesOf("app:x:1:5\n"), "app", 5), false, "with itself");
  const own = (spec: string): unknown =>
    run(["--if-root", "--login", spec], "1234:x:1234:0::/home/app:\n", "", (one) => {
      one.becomeUser(1234, 0);
      one.files.directory("/home/app", 0o755, 1234);
    }).command?.environment["HOME"];
  t.equal(own("1234"), undefined, "the line that an engine has added names nobody");
});

/** Calls by which an open file is told to have this name. */
function named(name: string): Partial<Kernel> {
  return { openPath: () => 9, readlink: () => name };
}

t.test("a switch of the streams is a part of the switch", async (t) => {
  const owners = (words: readonly string[], uid = 0): number => {
    const machine = new Machine();
    let changed = 0;
    machine.run(["tsgosu", ...words, "id"], {
      fstat: (fd) => (fd <= 2 ? { ...SOME_STAT, mode: 0o010600, uid } : { ...SOME_STAT, mode: 0o100644 }),
      readToEnd: () => Buffer.from("app:x:1000:1001::/:\n"),
      fchown: (fd) => {
        if (fd <= 2) changed++;
        return 0;
      },
      ...named("pipe:[1]"),
    });
    return changed;
  };
  t.equal(owners(["app"]), 3);
  t.equal(owners(["--keep-stdio-owner", "app"]), 0);
  t.equal(owners(["app"], 1000), 0, "the user's already");
  const device = (mode: number): number => {
    let changed = 0;
    const kernel = fakeKernel(
      {},
      {
        fstat: () => ({ ...SOME_STAT, mode }),
        isatty: () => true,
        fchown: () => {
          changed++;
          return 0;
        },
        ...named("/dev/pts/0"),
      },
    );
    handOverStreams(kernel, 5);
    return changed;
  };
  t.same([device(0o020600), device(0o060600), device(0o100600)], [3, 0, 0], "only a character device is a terminal");
});

t.test("root that becomes root keeps what it was given", async (t) => {
  const machine = new Machine();
  machine.groups = [5];
  const before = machine.process.permitted;
  t.equal(machine.run(["tsgosu", "root", "id"]).command?.ids, "0:0 0");
  t.equal(machine.process.permitted, before);
});

const all = (id: number): Credentials["uids"] => ({ real: id, effective: id, saved: id });

t.test("tsgosu's own file is looked at where nobody can have swapped it", async (t) => {
  const asked = (uids: Credentials["uids"], path = "/tsgosu"): string[] => {
    const paths: string[] = [];
    const kernel = fakeKernel(
      {},
      {
        executedPath: () => path,
        stat: (file) => {
          paths.push(file);
          return SOME_STAT;
        },
        getxattrLength: () => 0,
      },
    );
    try {
      refusePrivilegedFile(kernel, { uids, gids: all(0), groups: [] });
    } catch {
      // The IDs themselves show that it is refused.
    }
    return paths;
  };
  t.same(asked(all(0)), ["/tsgosu"], "root may trust the path");
  t.same(asked(all(0), "tsgosu"), ["/proc/self/exe"], "but one that depends on the directory");
  t.same(asked(all(1000)), ["/proc/self/exe"]);
  t.same(asked({ real: 0, effective: 1000, saved: 0 }), ["/proc/self/exe"]);
  t.same(asked({ real: 1000, effective: 0, saved: 0 }), ["/proc/self/exe"]);
});

t.test("why a switch was refused: by the error and by the call", async (t) => {
  const user: Credentials = { uids: all(5), gids: all(6), groups: [] };
  const root: Credentials = { uids: all(0), gids: all(0), groups: [] };
  const APP = { uid: 1000, gid: 1001, groups: [77], home: "/", name: "app", shell: "/bin/sh" };
  const namespace = { uids: parseIdMap("0 0 10"), gids: parseIdMap("0 0 10"), setgroupsDenied: true };
  const open = { uids: parseIdMap("0 0 4294967295"), gids: parseIdMap("0 0 4294967295"), setgroupsDenied: false };
  const why = (...words: Parameters<typeof explainRefusal>): string =>
    explainRefusal(...words).message.replace(/.*?: /, "");
  t.match(why("setresuid", EINVAL, APP, root, namespace), /^UID 1000 is not mapped/);
  t.match(
    why("setresuid", EPERM, APP, root, namespace),
    /without the capability that setresuid needs/,
    "it is not that",
  );
  t.match(why("setresuid", EINVAL, APP, root, open), /^setresuid: invalid argument$/, "it is mapped");
  t.match(why("setgroups", EPERM, APP, root, namespace), /^setgroups is denied/);
  t.match(why("setresgid", EPERM, APP, root, namespace), /without the capability that setresgid needs/);
  t.match(why("setgroups", EAGAIN, APP, root, namespace), /^the user already runs/, "another error");
  t.match(why("setgroups", EPERM, APP, root, open), /without the capability that setgroups needs/);
  t.match(why("setresuid", EAGAIN, APP, user, open), /^the user already runs/, "although it is not root");
  t.match(
    why("setresgid", EINVAL, { ...APP, gid: 5, groups: [77] }, root, namespace),
    /^setresgid: invalid/,
    "only the GID is set",
  );
  t.match(why("setgroups", EINVAL, { ...APP, gid: 5, groups: [77] }, root, namespace), /^GID 77 is not mapped/);
  const many = (count: number): typeof APP => ({ ...APP, groups: Array.from({ length: count }, (_, at) => at + 2000) });
  t.match(why("setgroups", EINVAL, many(65536), root, open), /^these are 65537 groups/);
  t.match(
    why("setgroups", EINVAL, many(65535), root, open),
    /^setgroups: invalid argument/,
    "as many as the kernel takes",
  );
  t.match(why("setresuid", EPERM, many(65536), root, open), /without the capability that setresuid needs/);
});

t.test("groups, for people: so many are named, and no more", async (t) => {
  const groups = (count: number): string =>
    describeIds(
      1,
      1,
      Array.from({ length: count }, (_, at) => at + 2),
    );
  t.equal(groups(16), "1:1 with groups 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17");
  t.equal(groups(17), "1:1 with groups 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17, ... (17)");
});

t.test("ID maps at their ends", async (t) => {
  t.equal(parseIdMap("4294967295 0 1").length, 1);
  t.equal(parseIdMap("0 4294967295 1").length, 1);
  t.equal(parseIdMap("0 0 4294967295").length, 1);
  t.same(parseIdMap("4294967296 0 1\n0 4294967296 1\n0 0 4294967296\n0 0 0\n"), []);
  t.equal(whyUnmapped("UID", [5], []), "", "no map could be read");
  t.equal(whyUnmapped("UID", [5], parseIdMap("0 0 6")), "");
  t.equal(readProc(fakeKernel({}), "/proc/none"), "", "a file that is not there says nothing");
});

t.test("root that is the owner's match is root still", async (t) => {
  t.equal(planMatch({ uid: 5, gid: 6 }, { uid: 7, gid: 8 }, 0), "take-over");
  t.equal(planMatch({ uid: 5, gid: 6 }, { uid: 7, gid: 8 }, 5), "stay-current");
});

t.test("a user that has one set of capabilities left has them taken away", async (t) => {
  for (const set of ["permitted", "effective", "inheritable"] as const) {
    const taken: unknown[] = [];
    const has = { permitted: 0, effective: 0, inheritable: 0, [set]: 1 };
    const kernel = fakeKernel(
      {},
      {
        capget: () => (taken.length === 0 ? has : { permitted: 0, effective: 0, inheritable: 0 }),
        capset: (sets) => {
          taken.push(sets);
          return 0;
        },
      },
    );
    dropCapabilities(kernel);
    t.same(taken, [{ permitted: 0, effective: 0, inheritable: 0 }], set);
    t.throws(
      () => dropCapabilities(fakeKernel({}, { capget: () => has, capset: () => 0 })),
      /the user would have/,
      set,
    );
  }
  let calls = 0;
  const count = (): number => ++calls;
  dropCapabilities(fakeKernel({}, { capget: () => ({ permitted: 0, effective: 0, inheritable: 0 }), capset: count }));
  t.equal(calls, 0, "who has none is not changed");
});

t.test("no_new_privs alone leaves capabilities and root as they are", async (t) => {
  const machine = new Machine();
  const before = { ...machine.process };
  t.ok(machine.run(["tsgosu", "--no-new-privs", "root", "id"]).command);
  t.same(machine.process, { ...before, noNewPrivs: true });
});

t.test("capabilities that cannot be read are not taken for none", async (t) => {
  const unreadable = (change: (option: number, second: number, third: number) => number | undefined): boolean => {
    const machine = new Machine();
    const capabilities = fakeCapabilities(machine.process);
    const { command, stderr } = machine.run(["tsgosu", "--caps", "none", "app", "id"], {
      prctl: (option, second, third) => change(option, second, third) ?? capabilities.prctl(option, second, third),
    });
    return command === undefined && stderr.startsWith("tsgosu: cannot read this process's capabilities\n");
  };
  t.equal(
    unreadable(() => undefined),
    false,
  );
  t.equal(
    unreadable((option, second) => (option === 23 && second === 0 ? -EINVAL : undefined)),
    true,
    "not even the first",
  );
  t.equal(
    unreadable((option, second, third) => (option === 47 && second === 1 && third === 3 ? -EPERM : undefined)),
    true,
  );
});

t.test("the flag that keeps capabilities is set only where some are kept, and not left set", async (t) => {
  const set = (caps: string): number[] => {
    const machine = new Machine();
    const values: number[] = [];
    const capabilities = fakeCapabilities(machine.process);
    machine.run(["tsgosu", "--caps", caps, "app", "id"], {
      prctl: (option, second, third) => {
        if (option === 8) values.push(second);
        return capabilities.prctl(option, second, third);
      },
    });
    return values;
  };
  t.same(set("none"), []);
  t.same(set("chown"), [1, 0]);
});

t.test("groups that tsgosu was started with are not the user's, whatever else it joins", async (t) => {
  const machine = new Machine();
  machine.groups = [5];
  machine.files.file("/srv/socket", "", 0o660, 0, 300);
  t.equal(machine.run(["tsgosu", "--group-of", "/srv/socket", "app", "id"]).command?.ids, "1000:1001 77,300,1001");
});
