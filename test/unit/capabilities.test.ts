// Capability lists and sets, and what confinement makes of them on a kernel that keeps the rules of capabilities(7).

import fc from "fast-check";
import t from "tap";
import { Failure } from "../../src/failure.ts";
import { EPERM } from "../../src/kernel/errno.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import { becomeUser } from "../../src/privilege/become.ts";
import {
  describeCapabilities,
  hasCapability,
  parseCapabilities,
  setOf,
  without,
} from "../../src/privilege/capabilities.ts";
import { dropCapabilities, planConfinement, readPrivileges, refuseRoot } from "../../src/privilege/confine.ts";
import { readCredentials } from "../../src/privilege/credentials.ts";
import { type FakeProcess, fakeGain, fakeKernel, fakeProcess } from "../support/fake-privileges.ts";

/** What `all` stands for in these tests: capabilities that Linux does not have yet are among them. */
const ALL = 2 ** 53 - 1;

t.test("lists", async (t) => {
  const table: readonly [string, number][] = [
    ["none", 0],
    ["NONE", 0],
    ["all", ALL],
    ["ALL", ALL],
    ["chown", 1],
    ["net_bind_service", 1024],
    ["CAP_NET_BIND_SERVICE", 1024],
    ["Cap_Net_Bind_Service,chown", 1025],
    ["10", 1024],
    ["10,net_bind_service,0010", 1024],
    ["0,40", 2 ** 40 + 1],
    ["checkpoint_restore", 2 ** 40],
  ];
  for (const [list, set] of table) t.equal(parseCapabilities(list, ALL), set, list);
  for (const list of ["", ",", "chown,", "41", "64", "99999999999999999999", "-1", "+chown", "all,chown", "none,chown"])
    t.throws(() => parseCapabilities(list, ALL), { code: 125 }, `'${list}'`);
  t.throws(() => parseCapabilities("None,chown", ALL), {
    message: /'none' stands alone$/,
    hint: /^give --caps none, or/,
  });
  t.throws(() => parseCapabilities("chown,all", ALL), { message: /'all' stands alone$/ });
  for (const list of ["cap_", "cap_cap_chown", "chown ", " chown", "chown;kill", "0x1", "1e1", "=ep", "cap_chown+ep"])
    t.throws(() => parseCapabilities(list, ALL), { code: 125 }, `'${list}'`);
});

t.test("what is described is what is parsed", async () => {
  fc.assert(
    fc.property(
      fc.bigInt(0n, (1n << 41n) - 1n),
      (set) => parseCapabilities(describeCapabilities(Number(set)), ALL) === Number(set),
    ),
  );
});

t.test("what is newer than this program is described by its number", async (t) => {
  t.equal(describeCapabilities(2 ** 41 + 2 ** 52 + 1), "chown,41,52");
  t.equal(describeCapabilities(2 ** 40), "checkpoint_restore");
  t.equal(describeCapabilities(0), "none");
  // Every name, held against linux/capability.h by its number in capabilities(7).
  t.equal(describeCapabilities(2 ** 41 - 1).split(",").length, 41);
});

t.test("sets", async () => {
  const sets = fc.bigInt(0n, (1n << 53n) - 1n);
  fc.assert(fc.property(sets, sets, (a, b) => without(Number(a), Number(b)) === Number(a & ~b)));
  fc.assert(fc.property(sets, fc.nat(52), (a, n) => hasCapability(Number(a), n) === (((a >> BigInt(n)) & 1n) === 1n)));
  fc.assert(fc.property(fc.nat(52), (n) => setOf(n) === 2 ** n));
});

/** Plans, and becomes `uid` with no more than is planned. */
function confine(
  process: FakeProcess,
  wish: { caps?: string; nnp?: boolean; restricted?: boolean },
  uid: number,
): void {
  const kernel = fakeKernel(process);
  const options = { caps: wish.caps ?? "", noNewPrivs: wish.nnp ?? false, restricted: wish.restricted ?? false };
  const plan = planConfinement(options, readPrivileges(kernel));
  refuseRoot(plan, uid);
  const identity = { uid, gid: uid, groups: [], home: "/", name: `${uid}`, shell: "/bin/sh" };
  becomeUser(kernel, identity, readCredentials(kernel), plan, { handsOverStreams: false, threads: "calling" });
}

t.test("the command has what was asked for in all five sets", async (t) => {
  const process = fakeProcess();
  confine(process, { caps: "net_bind_service" }, 1000);
  const { permitted, effective, inheritable, bounding, ambient } = process;
  t.same([permitted, effective, inheritable, bounding, ambient], [1024n, 1024n, 1024n, 1024n, 1024n]);
  t.equal(process.noNewPrivs, false);
  t.equal(process.keepCaps, false);
});

t.test("a user has no capability that nobody asked for", async (t) => {
  const usual = fakeProcess().permitted;
  const become = (process: FakeProcess, uid: number, wish: { nnp?: boolean } = {}): void => {
    const kernel = fakeKernel(process);
    const options = { caps: "", noNewPrivs: wish.nnp ?? false, restricted: false };
    const plan = wish.nnp === true ? planConfinement(options, readPrivileges(kernel)) : undefined;
    const identity = { uid, gid: uid, groups: [], home: "/", name: `${uid}`, shell: "/bin/sh" };
    becomeUser(kernel, identity, readCredentials(kernel), plan, { handsOverStreams: false, threads: "calling" });
  };
  const held = ({ permitted, effective, inheritable, ambient }: FakeProcess): bigint[] => [
    permitted,
    effective,
    inheritable,
    ambient,
  ];
  for (const changes of [
    {},
    { noFixup: true },
    { inheritable: usual },
    { inheritable: usual, ambient: 1024n, noFixup: true },
    { uid: 5, inheritable: usual, ambient: 1024n },
  ] as const) {
    for (const wish of [{}, { nnp: true }]) {
      const process = fakeProcess(changes);
      become(process, 1000, wish);
      t.same(held(process), [0n, 0n, 0n, 0n], JSON.stringify({ ...wish, changes: Object.keys(changes) }));
      t.equal(process.bounding, fakeProcess().bounding, "what may be had by a setuid program stays");
    }
  }
  const given = fakeProcess({ uid: 1000, permitted: 1024n, effective: 1024n, inheritable: 1024n, ambient: 1024n });
  become(given, 1000);
  t.same(held(given), [1024n, 1024n, 1024n, 1024n], "who is the user already keeps what it was given");
  const root = fakeProcess({ inheritable: 1n });
  become(root, 0);
  t.same(held(root), [usual, usual, 1n, 0n], "and so does root");

  const refusing = { ...fakeKernel(fakeProcess({ noFixup: true })), capset: () => -EPERM } as unknown as Kernel;
  const lying = { ...fakeKernel(fakeProcess({ noFixup: true })), capset: () => 0 } as unknown as Kernel;
  const silent = { ...fakeKernel(fakeProcess()), capget: () => -EPERM } as unknown as Kernel;
  for (const [kernel, why] of [
    [refusing, "cannot confine the command: the user would have capabilities: operation not permitted"],
    [
      lying,
      "cannot confine the command: the user would have capabilities: the kernel reported success but did not do it",
    ],
    [silent, "cannot read this process's capabilities"],
  ] as const)
    t.throws(() => dropCapabilities(kernel), { message: why, code: 125 });
});

t.test("restricted", async (t) => {
  const process = fakeProcess();
  confine(process, { restricted: true }, 1000);
  t.equal(process.permitted | process.effective | process.inheritable | process.bounding | process.ambient, 0n);
  t.equal(process.noNewPrivs, true);
  t.throws(() => confine(fakeProcess(), { restricted: true }, 0), /would be root/);
  t.throws(() => confine(fakeProcess(), { restricted: true, caps: "chown" }, 1000), /allows no capability but/);
  t.doesNotThrow(() => confine(fakeProcess(), { restricted: true, caps: "net_bind_service" }, 1000));
});

t.test("a container without setpcap", async (t) => {
  const poor = { permitted: 0xc0n, effective: 0xc0n, bounding: 0xc0n };
  t.throws(() => confine(fakeProcess(poor), { caps: "none" }, 1000), /could regain setgid,setuid/);
  t.doesNotThrow(() => confine(fakeProcess(poor), { caps: "setgid,setuid" }, 1000), "there is nothing to regain");
  const process = fakeProcess(poor);
  confine(process, { caps: "none", nnp: true }, 1000);
  t.equal(process.bounding, 0xc0n);
  t.equal(fakeGain(process), 0n);
});

t.test("refusals", async (t) => {
  t.throws(() => confine(fakeProcess(), { caps: "sys_admin" }, 1000), /the container does not have sys_admin/);
  const user = fakeProcess({ uid: 1000, permitted: 0n, effective: 0n, bounding: 1024n });
  t.throws(() => confine(user, { caps: "net_bind_service" }, 1000), /was not given net_bind_service/);
  t.throws(() => confine(fakeProcess({ hasAmbient: false }), { caps: "chown" }, 1000), /no ambient capabilities/);
  t.doesNotThrow(() => confine(fakeProcess({ hasAmbient: false }), { caps: "none" }, 1000));
  t.throws(
    () => confine(fakeProcess({ refused: [38] }), { nnp: true }, 1000),
    /no_new_privs is not set: operation not/,
  );
  t.throws(
    () => confine(fakeProcess({ ignored: [38] }), { nnp: true }, 1000),
    /the kernel reported success but did not do it/,
  );
  t.throws(() => confine(fakeProcess({ ignored: [24] }), { caps: "none" }, 1000), /the bounding set is chown/);
  t.throws(() => confine(fakeProcess({ refused: [24] }), { caps: "none" }, 1000), /the bounding set is chown/);
  t.throws(() => confine(fakeProcess({ ignored: [8] }), { caps: "chown" }, 1000), /the permitted set is none/);
  t.throws(() => confine(fakeProcess({ refused: [23] }), { caps: "none" }, 1000), /cannot read/);
});

t.test("whatever the process has: exactly what was asked for and nothing to gain, or an error", async (t) => {
  const set = fc.bigInt(0n, (1n << 41n) - 1n);
  const state = fc.record({
    uid: fc.constantFrom(0, 1000),
    permitted: set,
    effective: set,
    inheritable: set,
    bounding: set,
    ambient: set,
    noNewPrivs: fc.boolean(),
    hasAmbient: fc.boolean(),
    refused: fc.subarray([8, 24, 38], { maxLength: 1 }),
    ignored: fc.subarray([8, 24, 38], { maxLength: 1 }),
  });
  const wish = fc.record({
    keep: fc.oneof(fc.constant(0n), set),
    fromPermitted: fc.boolean(),
    nnp: fc.boolean(),
    restricted: fc.boolean(),
    uid: fc.constantFrom(0, 1000, 2000),
  });
  let tried = 0;
  let confined = 0;
  fc.assert(
    fc.property(state, wish, (initial, asked) => {
      tried++;
      const effective = initial.effective & initial.permitted;
      const ambient = initial.hasAmbient ? initial.ambient & initial.permitted & initial.inheritable : 0n;
      const process = fakeProcess({ ...initial, effective, ambient });
      const keep = asked.fromPermitted ? asked.keep & initial.permitted : asked.keep;
      try {
        confine(
          process,
          { caps: describeCapabilities(Number(keep)), nnp: asked.nnp, restricted: asked.restricted },
          asked.uid,
        );
      } catch (error) {
        return error instanceof Failure && error.code === 125;
      }
      confined++;
      if (asked.restricted && asked.uid === 0) return false;
      if ((asked.nnp || asked.restricted) && !process.noNewPrivs) return false;
      const sets = [process.permitted, process.effective, process.inheritable, process.ambient];
      return sets.every((one) => one === keep) && (fakeGain(process) & ~keep) === 0n && process.uid === asked.uid;
    }),
    { numRuns: 5000 },
  );
  t.ok(confined > tried / 10, `${confined} of ${tried} went through`);
});

t.test("an answer that is refused is none", async (t) => {
  const [getNoNewPrivs, readBounding] = [39, 23];
  const privileges = (refuses: (option: number, capability: number) => boolean): unknown => {
    const kernel = fakeKernel(fakeProcess());
    const prctl = kernel.prctl.bind(kernel);
    kernel.prctl = (option, second, third) => (refuses(option, second) ? -EPERM : prctl(option, second, third));
    return readPrivileges(kernel).bounding;
  };
  t.equal(
    privileges(() => false),
    0xa80425fb,
  );
  const unreadable = { code: 125, message: "cannot read this process's capabilities" };
  for (const capability of [0, 1, 40])
    t.throws(() => privileges((option, second) => option === readBounding && second === capability), unreadable);
  t.throws(() => privileges((option) => option === getNoNewPrivs), unreadable);
  const boundless = { ...fakeKernel(fakeProcess()), prctl: () => 0 } as unknown as Kernel;
  t.throws(() => readPrivileges(boundless), unreadable, "a sandbox that says yes to every number");
});
