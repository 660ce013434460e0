// Who a process is, and why it may not become another.

import t from "tap";
import type { Identity } from "../../src/accounts/identity.ts";
import {
  type Credentials,
  describeIds,
  isAlready,
  isIdentity,
  readCredentials,
} from "../../src/privilege/credentials.ts";
import { describeRanges, isMapped, parseIdMap } from "../../src/privilege/idmap.ts";
import { refusePrivilegedFile } from "../../src/privilege/installation.ts";
import { handOverStreams } from "../../src/privilege/streams.ts";
import { dropOtherGroups, explainRefusal, switchTo } from "../../src/privilege/switch.ts";
import { fakeKernel, SOME_STAT } from "../support/fake-kernel.ts";

const all = (id: number): Credentials["uids"] => ({ real: id, effective: id, saved: id });
const ROOT: Credentials = { uids: all(0), gids: all(0), groups: [] };
const APP: Identity = { uid: 10001, gid: 10002, groups: [29, 44], home: "/app", name: "app", shell: "/bin/sh" };
const EVERYTHING = { uids: [], gids: [], setgroupsDenied: false };

t.test("already who it shall be", async (t) => {
  const app: Credentials = { uids: all(10001), gids: all(10002), groups: [44, 10002, 29] };
  t.ok(isIdentity(app, APP), "groups are a set");
  t.notOk(isIdentity({ ...app, uids: { ...app.uids, saved: 0 } }, APP), "a saved root is not");
  t.notOk(isIdentity({ ...app, uids: { ...app.uids, real: 0 } }, APP));
  t.notOk(isIdentity({ ...app, gids: { ...app.gids, effective: 0 } }, APP));
  t.notOk(isIdentity({ ...app, groups: [29, 10002] }, APP), "a group is missing");
  t.notOk(isIdentity({ ...app, groups: [29, 44] }, APP), "the primary group is missing");
  t.notOk(isIdentity({ ...app, groups: [29, 44, 10002, 0] }, APP), "a group too many");
});

t.test("the group that an engine puts among the supplementary ones", async (t) => {
  const asked = (credentials: Credentials, identity: Identity): string[] => {
    const calls: string[] = [];
    const setgroups = (gids: readonly number[]): number => {
      calls.push(`setgroups ${gids.join(",")}`);
      return -1;
    };
    t.ok(isAlready(credentials, identity));
    dropOtherGroups(fakeKernel({}, { setgroups }), identity, credentials, "calling");
    return calls;
  };
  const root: Identity = { ...APP, uid: 0, gid: 0, groups: [] };
  t.same(asked(ROOT, root), []);
  t.same(asked({ ...ROOT, groups: [0] }, root), [], "it gives root nothing");
  const user: Identity = { ...APP, groups: [] };
  const pod: Credentials = { uids: all(10001), gids: all(10002), groups: [29, 44, 10002, 5000] };
  t.same(asked(pod, APP), ["setgroups 10002,29,44"], "a user would drop others, and keeps them where it may not");
  t.notOk(isAlready({ ...pod, groups: [0, 29, 44] }, APP), "but not root's");
  t.notOk(isAlready({ ...pod, groups: [29, 5000] }, APP), "a group is missing");
  t.notOk(isAlready({ ...ROOT, groups: [0, 5000] }, root), "root has to be exact");
  t.same(asked({ uids: all(10001), gids: all(10002), groups: [10002] }, user), [], "a user makes no switching call");
  t.same(asked({ uids: all(10001), gids: all(10002), groups: [] }, user), [], "nor where the group is missing");
});

t.test("IDs, for people", async (t) => {
  t.equal(describeIds(1000, 1000, [1000]), "1000:1000");
  t.equal(describeIds(1000, 1000, [5, 1000, 6]), "1000:1000 with groups 5,6");
  const many = Array.from({ length: 70000 }, (_, at) => at + 2000);
  t.match(describeIds(1, 1, many), /^1:1 with groups 2000,.*,2015, \.\.\. \(70000\)$/);
});

t.test("the kernel is asked in order, and read back", async (t) => {
  const calls: string[] = [];
  const refuses = (): void =>
    switchTo(
      fakeKernel(
        {},
        {
          setgroups: (gids, threads) => calls.push(`setgroups ${gids.join(",")} ${threads}`),
          setresgid: (gid, threads) => calls.push(`setresgid ${gid} ${threads}`),
          setresuid: (uid, threads) => calls.push(`setresuid ${uid} ${threads}`),
        },
      ),
      APP,
      ROOT,
      "all",
    );
  t.throws(
    refuses,
    { message: /the kernel reported success, but the process is 0:0/ },
    "a sandbox that lies is found out",
  );
  t.same(calls, ["setgroups 10002,29,44 all", "setresgid 10002 all", "setresuid 10001 all"]);
});

t.test("who cannot be read is nobody, and not root", async (t) => {
  for (const call of ["getresuid", "getresgid", "getgroups"] as const) {
    const kernel = fakeKernel({}, { [call]: () => -1 });
    t.throws(() => readCredentials(kernel), {
      message: `cannot read the IDs of this process: ${call}: operation not permitted`,
    });
    t.throws(() => switchTo(kernel, APP, ROOT, "calling"), { message: /cannot read the IDs of this process/ });
  }
});

t.test("why the kernel refused", async (t) => {
  const why = (...words: Parameters<typeof explainRefusal>): string => {
    const failure = explainRefusal(...words);
    t.equal(failure.code, 125);
    return `${failure.message} | ${failure.hint}`;
  };
  const user: Credentials = { uids: all(1000), gids: all(1000), groups: [] };
  t.match(
    why("setgroups", 1, APP, user, EVERYTHING),
    /become 10001:10002 with groups 29,44: tsgosu runs as 1000:1000.*--if-root/,
  );
  t.match(why("setgroups", 1, APP, ROOT, EVERYTHING), /without the capability that setgroups needs \| add SETGID/);
  t.match(why("setresuid", 1, APP, ROOT, EVERYTHING), /without the capability that setresuid needs \| add SETUID/);
  const mapped = {
    uids: parseIdMap("0 100000 10000"),
    gids: parseIdMap("0 1 20000\n30000 50000 1"),
    setgroupsDenied: false,
  };
  t.match(why("setresuid", 22, APP, ROOT, mapped), /UID 10001 is not mapped in this user namespace \(mapped: 0-9999\)/);
  t.match(
    why("setresgid", 22, { ...APP, gid: 25000 }, ROOT, mapped),
    /GID 25000 is not mapped.*mapped: 0-19999, 30000\)/,
  );
  t.match(
    why("setgroups", 22, APP, ROOT, { ...mapped, gids: [{ inside: 0, outside: 0, length: 100 }] }),
    /GID 10002 is not/,
  );
  const many = Array.from({ length: 65536 }, (_, at) => at + 20000);
  t.match(
    why("setgroups", 22, { ...APP, groups: many }, ROOT, mapped),
    /these are 65537 groups.* takes 65536 \| .*user:group/,
  );
  t.match(why("setgroups", 22, { ...APP, groups: [1, 40000] }, ROOT, mapped), /GID 40000 is not mapped/);
  t.match(why("setgroups", 1, APP, ROOT, { ...mapped, setgroupsDenied: true }), /setgroups is denied/);
  t.match(why("setresuid", 11, APP, ROOT, EVERYTHING), /as many processes as its limit allows/);
  t.match(why("setresuid", 12, APP, ROOT, EVERYTHING), /setresuid: out of memory/);
});

t.test("ID maps", async (t) => {
  const ranges = parseIdMap("         0     100000      65536\n     70000          5          1\nrubbish\n1 2\n");
  t.same(ranges, [
    { inside: 0, outside: 100000, length: 65536 },
    { inside: 70000, outside: 5, length: 1 },
  ]);
  t.ok(isMapped(ranges, 0));
  t.ok(isMapped(ranges, 65535));
  t.notOk(isMapped(ranges, 65536));
  t.ok(isMapped(ranges, 70000));
  t.equal(describeRanges(ranges), "0-65535, 70000");
  t.equal(describeRanges([]), "none");
  const large = "0 99999999999999999999 1\n0 0 9007199254740993\n5 4294967295 4294967296\n1 2 3\n";
  t.equal(describeRanges(parseIdMap(large)), "1-3", "numbers that are no IDs are skipped");
});

t.test("a privileged installation is refused", async (t) => {
  const mode = (bits: number): Parameters<typeof fakeKernel>[0] => ({
    "/tsgosu": { mode: 0o100755 | bits },
    "/proc/self/exe": { mode: 0o100755 | bits },
  });
  t.doesNotThrow(() => refusePrivilegedFile(fakeKernel(mode(0)), ROOT));
  t.throws(() => refusePrivilegedFile(fakeKernel(mode(0o4000)), ROOT), { message: /refusing to run/ });
  t.throws(() => refusePrivilegedFile(fakeKernel(mode(0o2000)), ROOT), { message: /refusing to run/ });
  t.throws(() => refusePrivilegedFile(fakeKernel(mode(0), { getxattrLength: () => 20 }), ROOT), {
    message: /refusing to run/,
  });
  const called: Credentials = { ...ROOT, uids: { real: 1000, effective: 0, saved: 0 } };
  t.throws(() => refusePrivilegedFile(fakeKernel({}), called), { message: /setuid/ }, "without /proc too");
  const swapped = { "/tsgosu": { mode: 0o100755 }, "/proc/self/exe": { mode: 0o104755 } };
  t.throws(
    () => refusePrivilegedFile(fakeKernel(swapped), { ...ROOT, uids: all(1000) }),
    { message: /refusing to run/ },
    "a swapped path helps nobody",
  );
});

t.test("standard streams are handed over by what they are", async (t) => {
  const types: readonly (readonly [number, boolean, string | number, boolean])[] = [
    [0o010600, false, "pipe:[4711]", true],
    [0o010600, false, "/run/control", true],
    [0o020620, true, -2, true],
    [0o140777, false, "socket:[4711]", true],
    [0o020620, true, "/dev/pts/0", true],
    [0o020666, true, "/dev/tty", false],
    [0o020666, false, "/dev/null", false],
    [0o100644, false, "/var/log/app", false],
    [0o040755, false, "/", false],
  ];
  for (const [mode, tty, name, handed] of types) {
    const owners: number[] = [];
    const kernel = fakeKernel(
      {},
      {
        fstat: () => ({ ...SOME_STAT, mode }),
        isatty: () => tty,
        openPath: () => 9,
        readlink: () => name,
        close: () => 0,
        fchown: (_, uid) => owners.push(uid),
      },
    );
    handOverStreams(kernel, 10001);
    t.equal(owners.length, handed ? 3 : 0, `${mode.toString(8)} ${name}`);
  }
});
