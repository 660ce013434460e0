// What src/kernel makes of answers that are no errors: words, IDs, sets and flags; and the texts of errors.

import { constants } from "node:os";
import { getSystemErrorMessage } from "node:util";
import t from "tap";
import type { Engine } from "../../src/kernel/engine.ts";
import * as errno from "../../src/kernel/errno.ts";
import { putU64 } from "../../src/kernel/layout.ts";
import { cString, textOf } from "../../src/text.ts";
import { fakeEngine, kernelOver, statxOf } from "../support/fake-calls.ts";

t.test("errors have the numbers of this system, and its texts", async (t) => {
  /** Where the text says more than libuv's, or says it as strerror(3) does. */
  const others: Readonly<Record<string, string>> = {
    EINTR: "interrupted",
    EIO: "input/output error",
    EAGAIN: "resource temporarily unavailable",
    ENOMEM: "out of memory",
    EBUSY: "device or resource busy",
    EXDEV: "invalid cross-device link",
    EISDIR: "is a directory",
    ENFILE: "too many open files in the system",
    ETXTBSY: "file is being written to",
    ENAMETOOLONG: "file name too long",
    ENOSYS: "unknown to this kernel",
    ELOOP: "too many levels of symbolic links",
    ENODATA: "no data",
    ECHILD: "no child processes",
    ENOEXEC: "exec format error",
    ELIBBAD: "corrupted shared library",
    EDQUOT: "disk quota exceeded",
    EOPNOTSUPP: "operation not supported",
    ENOTDIR: "not a directory",
    E2BIG: "argument list too long",
  };
  const numbers = Object.entries(constants.errno);
  let met = 0;
  for (const [name, number] of Object.entries(errno)) {
    if (typeof number !== "number") continue;
    met++;
    const known = numbers.find(([one]) => one === name)?.[1];
    // libuv does not know these two.
    t.equal(number, known ?? { ELIBBAD: 80, EDQUOT: 122 }[name], name);
    t.equal(errno.errorText(number), others[name] ?? getSystemErrorMessage(-number), name);
  }
  t.ok(met > 25, `${met} errors`);
  t.equal(errno.errorText(4000), "error 4000", "another has its number");
});

t.test("the path that tsgosu was executed by, and words that are put in place of others", async (t) => {
  t.equal(kernelOver({}, fakeEngine(["x"])).executedPath(), "", "the kernel does not tell");
  const placed: [number, string][] = [];
  const engine = fakeEngine(["tsgosu", "app"], [], {
    pokePointer: (address, bytes) => placed.push([address, textOf(Buffer.from(bytes), 0, bytes.length)]),
  });
  const kernel = kernelOver({}, engine);
  kernel.setArgument(1, "id");
  kernel.setArgument(0, "sh");
  const [[second = 0, id] = [], [first = 0, sh] = []] = placed;
  t.same([id, sh], ["id\0", "sh\0"], "as C wants them");
  t.equal(second - first, 8, "one word further");
  const told: Engine = fakeEngine(["x"], ["FILE=/bin/tsgosu"], { execfn: () => told.getenv(cString("FILE")) });
  t.equal(kernelOver({}, told).executedPath(), "/bin/tsgosu");
});

t.test("PIDs, and whether orphans become children", async (t) => {
  const kernel = kernelOver({ getpid: () => 41, getppid: () => 42 });
  t.same([kernel.getpid(), kernel.getppid()], [41, 42]);
  const subreaper = (result: number, answer: number): boolean =>
    kernelOver({
      prctl_into: (option, into) => {
        t.equal(option, 37);
        into[0] = answer;
        return result;
      },
    }).isSubreaper();
  t.same([subreaper(0, 1), subreaper(0, 0), subreaper(-22, 1)], [true, false, false]);
});

t.test("capabilities, above 31 too", async (t) => {
  const words = [1, 2, 4, 0x100, 0x80, 0x10];
  const kernel = kernelOver({
    capget: (header, data) => {
      t.equal(Buffer.from(header).readUInt32LE(0), 0x20080522);
      words.forEach((word, at) => {
        new DataView(data.buffer, data.byteOffset).setUint32(at * 4, word, true);
      });
      return 0;
    },
    capset: (_header, data) => {
      t.same(
        words.map((_, at) => Buffer.from(data).readUInt32LE(at * 4)),
        words,
        "and back",
      );
      return 0;
    },
  });
  const sets = kernel.capget();
  t.same(sets, { effective: 2 ** 40 + 1, permitted: 2 ** 39 + 2, inheritable: 2 ** 36 + 4 });
  if (typeof sets !== "number") t.equal(kernel.capset(sets), 0);
});

t.test("a file system that is read-only", async (t) => {
  const isReadOnly = (flags: number): number =>
    kernelOver({
      statfs: (_path, into) => {
        putU64(into, 80, flags);
        return 0;
      },
    }).isReadOnly("/");
  t.same([isReadOnly(0x1020), isReadOnly(0x1021), isReadOnly(1)], [0, 1, 1]);
});

t.test("files by a name in a directory, on its mount, and what is known of them without a server", async (t) => {
  const asked: unknown[] = [];
  const kernel = kernelOver({
    openat2: (directory, path, how, length) => {
      const words = new DataView(how.buffer, how.byteOffset);
      asked.push([
        directory,
        textOf(Buffer.from(path), 0, path.length),
        words.getUint32(0, true),
        words.getUint32(16, true),
        length,
      ]);
      return 5;
    },
    statx: (fd, path, flags, _mask, into) => {
      asked.push([fd, path.length, flags]);
      into.set(statxOf({ mode: 0o100644, uid: 9 }));
      return 0;
    },
  });
  const [O_PATH, O_NOFOLLOW, O_CLOEXEC, RESOLVE_NO_XDEV] = [0o10000000, 0o400000, 0o2000000, 1];
  t.equal(kernel.openPathOnMount(4, "name"), 5);
  t.match(kernel.fstatKnown(5), { mode: 0o100644, uid: 9 });
  const [AT_EMPTY_PATH, AT_STATX_DONT_SYNC] = [0x1000, 0x4000];
  t.same(asked, [
    [4, "name\0", O_PATH | O_NOFOLLOW | O_CLOEXEC, RESOLVE_NO_XDEV, 24],
    [5, 1, AT_EMPTY_PATH | AT_STATX_DONT_SYNC],
  ]);
});

t.test("signals are taken as a set, and the end has its code", async (t) => {
  const asked: unknown[] = [];
  const engine = fakeEngine(["x"], [], {
    takeSignal: (set, milliseconds) => {
      asked.push([[...set], milliseconds]);
      return 15;
    },
  });
  const kernel = kernelOver({ exit_group: (code) => asked.push(code) }, engine);
  t.equal(kernel.takeSignal([1, 15], 20), 15);
  kernel.exit(3);
  t.same(asked, [[[1, 0x40, 0, 0, 0, 0, 0, 0], 20], 3]);
});
