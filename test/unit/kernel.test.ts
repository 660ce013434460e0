// What src/kernel makes of system calls and of what they leave in memory, with calls and a memory made up here.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { callsIn, generatedFiles } from "../../scripts/calls.ts";
import { PROJECT } from "../../scripts/host.ts";
import type { Calls } from "../../src/kernel/calls.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import {
  entriesOf,
  isSameFile,
  millisecondsOf,
  namesOf,
  putU64,
  signalSet,
  statOf,
  timespecOf,
  u64,
} from "../../src/kernel/layout.ts";
import { bytesOf, cString, isDigits, numberOf, textOf } from "../../src/text.ts";
import { callsOfFile, fakeEngine, kernelOver } from "../support/fake-calls.ts";

const source = readFileSync(join(PROJECT, "src/kernel/calls.ts"), "utf8");

t.test("both engines are what scripts/calls.ts makes of calls.ts", async (t) => {
  for (const [file, text] of generatedFiles(source)) t.equal(readFileSync(join(PROJECT, file), "utf8"), text, file);
  t.throws(() => generatedFiles("  abstract nosuchcall(fd: number): number;\n"), /no system call 'nosuchcall'/);
  t.throws(() => generatedFiles("  abstract close(fd: string): number;\n"), /neither a number nor a Uint8Array/);
  t.throws(() => generatedFiles("  abstract close(fd: number): void;\n"), /cannot read/);
});

t.test("the argument vector is found below the environment", async (t) => {
  for (const words of [[], [""], ["a"], ["a", "", "c\xff"], Array.from({ length: 100 }, (_, i) => `${i}`)]) {
    const kernel = kernelOver({}, fakeEngine(words, ["A=1", "B="]));
    t.equal(kernel.argumentCount(), words.length);
    for (const [i, word] of words.entries()) t.equal(kernel.argument(i), word);
    t.equal(kernel.argument(words.length), "");
  }
});

t.test("environment variables", async (t) => {
  const kernel = kernelOver({}, fakeEngine(["x"], ["PATH=/bin", "EMPTY=", "PATH=/second", "BYTES=\xff\xfe"]));
  t.equal(kernel.environment("PATH"), "/bin");
  t.equal(kernel.environment("EMPTY"), "");
  t.equal(kernel.environment("BYTES"), "\xff\xfe");
  t.equal(kernel.environment("PAT"), undefined);
});

const EIO = -5;

/** Every method that makes system calls, with words that reach its calls. */
const METHODS: readonly (readonly [string, (kernel: Kernel) => unknown])[] = [
  ["getresuid", (kernel) => kernel.getresuid()],
  ["getresgid", (kernel) => kernel.getresgid()],
  ["getgroups", (kernel) => kernel.getgroups()],
  ["setresuid", (kernel) => kernel.setresuid(1, "calling")],
  ["setresgid", (kernel) => kernel.setresgid(1, "calling")],
  ["setgroups", (kernel) => kernel.setgroups([1, 2], "calling")],
  ["setresuid of all threads", (kernel) => kernel.setresuid(1, "all")],
  ["setresgid of all threads", (kernel) => kernel.setresgid(1, "all")],
  ["setgroups of all threads", (kernel) => kernel.setgroups([1, 2], "all")],
  ["capget", (kernel) => kernel.capget()],
  ["capset", (kernel) => kernel.capset({ permitted: 0, effective: 0, inheritable: 0 })],
  ["prctl", (kernel) => kernel.prctl(38, 1, 0)],
  ["open", (kernel) => kernel.open("/x", 0, 0)],
  ["openPath", (kernel) => kernel.openPath("/x")],
  ["openPathAt", (kernel) => kernel.openPathAt(3, "x")],
  ["openDirectory", (kernel) => kernel.openDirectory(3)],
  ["openParent", (kernel) => kernel.openParent(3)],
  ["stat", (kernel) => kernel.stat("/x")],
  ["statAt", (kernel) => kernel.statAt(3, "x")],
  ["fstat", (kernel) => kernel.fstat(3)],
  ["mayExecute", (kernel) => kernel.mayExecute("/x")],
  ["mayWriteIn", (kernel) => kernel.mayWriteIn("/x")],
  ["umask", (kernel) => kernel.umask(0o22)],
  ["chmod", (kernel) => kernel.chmod("/x", 0)],
  ["rename", (kernel) => kernel.rename("/x", "/y")],
  ["unlink", (kernel) => kernel.unlink("/x")],
  ["chdir", (kernel) => kernel.chdir("/")],
  ["isReadOnly", (kernel) => kernel.isReadOnly("/")],
  ["getxattr", (kernel) => kernel.getxattr("/x", "user.x")],
  ["getxattrLength", (kernel) => kernel.getxattrLength("/x", "user.x")],
  ["setxattr", (kernel) => kernel.setxattr("/x", "user.x", new Uint8Array(1))],
  ["listxattr", (kernel) => kernel.listxattr("/x")],
  ["readFile", (kernel) => kernel.readFile("/x", 100)],
  ["readToEnd", (kernel) => kernel.readToEnd(3, 0, 100)],
  ["readdir", (kernel) => kernel.readdir(3)],
  ["readlink", (kernel) => kernel.readlink(3, 100)],
  ["chownAt", (kernel) => kernel.chownAt(3, "x", 1, 1)],
  ["chownPath", (kernel) => kernel.chownPath(3, 1, 1)],
  ["fchown", (kernel) => kernel.fchown(3, 1, 1)],
  ["close", (kernel) => kernel.close(3)],
  ["write", (kernel) => kernel.write(1, new Uint8Array(1))],
  ["pwrite", (kernel) => kernel.pwrite(1, new Uint8Array(1), 0)],
  ["fsync", (kernel) => kernel.fsync(3)],
  ["ftruncate", (kernel) => kernel.ftruncate(3, 0)],
  ["lock", (kernel) => kernel.lock(3)],
  ["flock", (kernel) => kernel.flock(3)],
  ["rewind", (kernel) => kernel.rewind(3)],
  ["setpgrp", (kernel) => kernel.setpgrp(1)],
  ["getsid", (kernel) => kernel.getsid()],
  ["setsid", (kernel) => kernel.setsid()],
  ["getpgrp", (kernel) => kernel.getpgrp()],
  ["tcgetpgrp", (kernel) => kernel.tcgetpgrp(0)],
  ["tcsetpgrp", (kernel) => kernel.tcsetpgrp(0, 1)],
  ["monotonic", (kernel) => kernel.monotonic()],
  ["kill", (kernel) => kernel.kill(1, 1)],
  ["reap", (kernel) => kernel.reap().pid],
  ["holdSignals", (kernel) => kernel.holdSignals([15])],
  ["restoreSignals", (kernel) => kernel.restoreSignals()],
  ["suspend", (kernel) => kernel.suspend()],
  ["onSignals", (kernel) => kernel.onSignals(() => -1)],
  ["execve", (kernel) => kernel.execve("/x", 0, 0)],
  [
    "spawn",
    (kernel) => kernel.spawn("/x", 0, { session: false, own: -1, terminal: -1, pidVariable: "", inherited: 0 }),
  ],
  ["releaseResources", (kernel) => kernel.releaseResources(-1)],
  ["setenv", (kernel) => kernel.setenv("X", "")],
];

t.test("whatever call fails: its error comes back, and no value made of nothing", async (t) => {
  const fail = (): number => EIO;
  const failing = Object.fromEntries(callsIn(source).map(({ name }) => [name, fail])) as Partial<Calls>;
  const engine = fakeEngine(["tsgosu"], [], {
    setresuidOfAllThreads: fail,
    setresgidOfAllThreads: fail,
    setgroupsOfAllThreads: fail,
    tcsetpgrp: fail,
    holdSignals: fail,
    restoreSignals: fail,
    suspend: fail,
    onSignals: fail,
    execve: fail,
    spawn: fail,
    releaseResources: fail,
    setenv: fail,
  });
  for (const [name, method] of METHODS) t.equal(method(kernelOver(failing, engine)), EIO, name);
  t.equal(kernelOver(failing, engine).isatty(0), false);
});

t.test("the second of two calls fails, or says something else than the first", async (t) => {
  const groups = (...answers: number[]): unknown => kernelOver({ getgroups: () => answers.shift() ?? 0 }).getgroups();
  const EINVAL = -22;
  t.equal(groups(EIO), EIO);
  t.same(groups(3), [0, 0, 0]);
  t.equal(groups(65), EIO, "more than there is room for");
  t.equal(groups(EINVAL, EIO), EIO);
  t.equal(groups(EINVAL, 300, EIO), EIO);
  t.equal(groups(EINVAL, 300, 299), EIO);
  t.equal(groups(EINVAL, 65537, 65537), EIO, "more than there can be");
  t.equal((groups(EINVAL, 300, 300) as number[]).length, 300);
  t.same(kernelOver({ getgroups: () => 0 }).getgroups(), []);
});

t.test(
  "may it be executed: by effective IDs and capabilities, and by real IDs where that is all there is",
  async (t) => {
    const asked: string[] = [];
    const answer = (effective: number, real: number): number =>
      kernelOver({
        faccessat2(_directory, path, mode, flags) {
          asked.push(`${textOf(Buffer.from(path), 0, path.length)} ${mode} ${flags}`);
          return effective;
        },
        faccessat: () => real,
      }).mayExecute("/x");
    t.equal(answer(0, -13), 0);
    t.equal(answer(-13, 0), -13);
    t.equal(answer(-38, 0), 0, "before Linux 5.8");
    t.equal(answer(-1, -13), -13, "a seccomp profile that does not know it");
    t.match(asked[0], "/x\0 1 512");
  },
);

t.test("files are read to their end, however the kernel cuts them", async (t) => {
  const bytes = Buffer.from("0123456789".repeat(5000));
  for (const told of [bytes.length, 0, 10, 70_000])
    for (const most of [1, 7, 4096, 1 << 20]) {
      const kernel = kernelOver(callsOfFile(bytes, 0o100644, told, most));
      const read = kernel.readToEnd(3, told, 1 << 20);
      // What was told of a file is its end, where it comes to that.
      const end = told === 10 && most === 1 ? 10 : bytes.length;
      if (typeof read === "number") t.fail(`${told} ${most}: ${read}`);
      else t.ok(bytes.subarray(0, end).equals(read), `${told} ${most}`);
    }
  const kernel = kernelOver(callsOfFile(bytes, 0o100644));
  t.equal(kernel.readFile("/x", bytes.length - 1), -27);
});

t.test("directories", async (t) => {
  const dents = (...entries: readonly (readonly [string, number])[]): Buffer =>
    Buffer.concat(
      entries.map(([name, type]) => {
        const entry = Buffer.alloc(Math.ceil((20 + name.length) / 8) * 8);
        entry.writeUInt16LE(entry.length, 16);
        entry[18] = type;
        entry.write(name, 19, "latin1");
        return entry;
      }),
    );
  const some = dents([".", 4], ["..", 4], ["a", 4], [".b", 8], ["...", 10], ["c\xff", 0]);
  t.same(entriesOf(some, some.length), [
    { name: "a", type: "directory" },
    { name: ".b", type: "regular" },
    { name: "...", type: "other" },
    { name: "c\xff", type: "unknown" },
  ]);
  const chunks = [dents([".", 4], ["..", 4]), dents(["x", 8])];
  const kernel = kernelOver({
    getdents64(_fd, into) {
      const chunk = chunks.shift() ?? Buffer.alloc(0);
      into.set(chunk);
      return chunk.length;
    },
  });
  t.same(kernel.readdir(3), [{ name: "x", type: "regular" }], "a chunk of dots alone is not the end");
  t.same(kernel.readdir(3), []);
  const broken = dents(["a", 8]);
  broken.writeUInt16LE(4000, 16);
  t.same(entriesOf(broken, broken.length), [], "a record that is longer than what was read");
  t.same(namesOf(Buffer.from("user.a\0user.b\0"), 14), ["user.a", "user.b"]);
});

t.test("numbers in memory", async (t) => {
  const bytes = new Uint8Array(8);
  for (const value of [0, 1, 255, 65536, 4294967295, 4294967296, 140737488355327, Number.MAX_SAFE_INTEGER]) {
    putU64(bytes, 0, value);
    t.equal(u64(bytes, 0), value);
    t.equal(Buffer.from(bytes).readBigUInt64LE(), BigInt(value));
  }
});

t.test("statx", async (t) => {
  const statx = Buffer.alloc(256);
  statx.writeUInt32LE(0x17ff, 0);
  statx.writeUInt32LE(3, 16);
  statx.writeUInt32LE(10001, 20);
  statx.writeUInt32LE(4294967294, 24);
  statx.writeUInt16LE(0o104755, 28);
  statx.writeBigUInt64LE(0xfedcba9876543210n, 32);
  statx.writeBigUInt64LE(99n, 40);
  statx.writeBigInt64LE(1790000000n, 96);
  statx.writeUInt32LE(123500000, 104);
  statx.writeUInt32LE(259, 136);
  statx.writeUInt32LE(7, 140);
  statx.writeBigUInt64LE(77n, 144);
  const stat = statOf(new DataView(statx.buffer, statx.byteOffset));
  t.same(stat, {
    mode: 0o104755,
    uid: 10001,
    gid: 4294967294,
    links: 3,
    size: 99,
    inodeHigh: 0xfedcba98,
    inodeLow: 0x76543210,
    device: 259 * 2 ** 32 + 7,
    changed: 1_790_000_000_123.5,
    mount: 77,
  });
  t.ok(isSameFile(stat, { ...stat, mode: 0, mount: 1 }));
  // A double would not tell these two apart.
  statx.writeBigUInt64LE(0xfedcba9876543211n, 32);
  t.notOk(isSameFile(stat, statOf(new DataView(statx.buffer, statx.byteOffset))));
  t.notOk(isSameFile(stat, { ...stat, device: stat.device + 1 }));
  statx.writeUInt32LE(0x07ff, 0);
  t.equal(statOf(new DataView(statx.buffer, statx.byteOffset)).mount, -1, "before Linux 5.8");
});

t.test("signal sets and times", async (t) => {
  t.same([...signalSet([1, 8, 9, 64])], [0x81, 1, 0, 0, 0, 0, 0, 0x80]);
  for (const milliseconds of [0, 1, 999, 1000, 2_000_000_000])
    t.equal(millisecondsOf(timespecOf(milliseconds)), milliseconds);
  t.equal(timespecOf(-1).length, 0, "no limit");
  t.equal(u64(timespecOf(1.5), 8), 1_500_000);
});

t.test("byte strings keep every byte", async (t) => {
  const all = Array.from({ length: 256 }, (_, i) => i);
  const text = textOf(Buffer.from(all), 0, 256);
  t.equal(text.length, 256);
  t.same([...bytesOf(text)], all);
  t.same([...cString("\xff")], [255, 0]);
});

t.test("digits", async (t) => {
  t.equal(numberOf("007"), 7);
  t.equal(numberOf("9007199254740993"), Number.POSITIVE_INFINITY);
  for (const word of ["", "-1", "1 ", "1.0", "٣", "1e3"]) {
    t.notOk(isDigits(word));
    t.ok(Number.isNaN(numberOf(word)));
  }
});

t.test("a kernel that says it has written more than there is room for is not believed", async (t) => {
  const more = 1 << 20;
  const kernel = kernelOver({
    read: () => more,
    getdents64: () => more,
    listxattr: () => more,
    getxattr: () => more,
    readlinkat: () => more,
  });
  t.equal(kernel.readToEnd(3, 0, more), EIO);
  t.equal(kernel.readToEnd(3, 5, more), EIO);
  t.equal(kernel.readdir(3), EIO);
  t.equal(kernel.listxattr("/x"), EIO);
  t.equal(kernel.getxattr("/x", "user.x"), EIO);
  t.equal(kernel.readlink(3, 100), EIO);
});

t.test("writing: what was interrupted goes on, and what takes nothing ends", async (t) => {
  const answers = [-4, 3, -4, 2];
  const dispositions: string[] = [];
  const rt_sigaction = (signal: number, action: Uint8Array, old: Uint8Array): number => {
    dispositions.push(`${signal} ${action[0]}`);
    if (old.length > 0) old[0] = 7;
    return 0;
  };
  const kernel = kernelOver({ rt_sigaction, write: () => answers.shift() ?? 0 });
  t.equal(kernel.write(2, new Uint8Array(5)), 0);
  t.same(dispositions, ["13 1", "25 1", "13 7", "25 7"], "SIGPIPE and SIGXFSZ are ignored, and put back");
  t.equal(kernel.write(2, new Uint8Array(5)), EIO, "a call that writes nothing, for ever");
  dispositions.length = 0;
  const EPIPE = -32;
  t.equal(kernelOver({ rt_sigaction, write: () => EPIPE }).write(2, new Uint8Array(5)), EPIPE);
  t.same(dispositions, ["13 1", "25 1", "13 1", "13 7", "25 7"], "a signal that waits is taken back");
  dispositions.length = 0;
  const EFBIG = -27;
  t.equal(kernelOver({ rt_sigaction, pwrite64: () => EFBIG }).pwrite(2, new Uint8Array(5), 0), EFBIG);
  t.equal(kernelOver({ rt_sigaction, ftruncate: () => EFBIG }).ftruncate(2, 0), EFBIG);
  t.equal(dispositions.filter((one) => one === "25 1").length, 4);
  const refused = kernelOver({ rt_sigaction: () => -1, write: () => 5 });
  t.equal(refused.write(2, new Uint8Array(5)), 0);
  t.throws(() => refused.execve("/x", 0, 0), /has no execve/, "nothing was ignored, so the engine is asked");
  t.equal(refused.write(3, new Uint8Array(5)), -1, "a file, which the signal would leave half written");
  t.equal(refused.pwrite(3, new Uint8Array(5), 0), -1);
  t.equal(refused.ftruncate(3, 0), -1);

  const stays = kernelOver({ rt_sigaction: (_signal, _action, old) => (old.length > 0 ? 0 : -1), write: () => 5 });
  t.equal(stays.write(2, new Uint8Array(5)), 0);
  t.equal(stays.execve("/x", 0, 0), -1, "the command would have SIGPIPE ignored");
  const how = { terminal: -1, pidVariable: "", inherited: 0, own: -1, session: false };
  t.equal(stays.spawn("/x", 0, how), -1);
});
