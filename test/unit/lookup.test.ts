// From the command's name to the file, and what is said where there is none.

import t from "tap";
import { readAccountFile } from "../../src/accounts/read.ts";
import { Failure, failureLines } from "../../src/failure.ts";
import { candidates, cannotRun, findCommand } from "../../src/run/lookup.ts";
import { callsOfFile, kernelOver } from "../support/fake-calls.ts";
import { type FakeFile, fakeKernel } from "../support/fake-kernel.ts";

t.test("where a command may be", async (t) => {
  t.same(candidates("x", "/a:/b"), ["/a/x", "/b/x"]);
  t.same(candidates("x", ":/b:"), ["x", "/b/x", "x"], "an empty part is the working directory");
  t.same(candidates("x", ""), ["x"]);
  t.same(candidates("", "/a"), []);
  t.ok(candidates("x", undefined).includes("/usr/bin/x"));
});

t.test("the first that may be run is taken", async (t) => {
  const files: Record<string, FakeFile> = {
    "/a/dir": { mode: 0o040755 },
    "/b/dir": { mode: 0o100755 },
    "/a/not": { mode: 0o100644, access: -13 },
    "/b/not": { mode: 0o100755 },
    "/a/only": { mode: 0o100644, access: -13 },
    "/a/d": { mode: 0o040755 },
  };
  const find = (command: string): string => {
    try {
      return findCommand(fakeKernel(files, { environment: () => "/a:/b:/c" }), command);
    } catch (error) {
      if (error instanceof Failure) return `${error.code} ${error.message}`;
      throw error;
    }
  };
  t.equal(find("dir"), "/b/dir");
  t.equal(find("not"), "/b/not");
  t.equal(find("/b/not"), "/b/not", "a command with a slash is itself");
  t.equal(find("only"), "126 only: cannot run: permission denied");
  t.equal(find("d"), "126 d: cannot run: is a directory");
  t.equal(find("gone"), "127 gone: not found in PATH");
  t.equal(find("/gone"), "127 /gone: no such file or directory");
  t.equal(find(""), "127 the command is empty: not found");
});

t.test("what is missing, and what cannot be reached", async (t) => {
  // Nobody but root may search /a/locked; /c/link leads into it.
  const denied: FakeFile = { mode: 0o040700, access: -13 };
  const files: Record<string, FakeFile> = {
    "/a": { mode: 0o040755 },
    "/a/locked": denied,
    "/b/not": { mode: 0o100644, access: -13 },
  };
  const find = (command: string, path: string): string => {
    const kernel = fakeKernel(files, {
      environment: () => path,
      getresuid: () => ({ real: 1000, effective: 1000, saved: 1000 }),
      mayExecute: (file) =>
        file.startsWith("/a/locked/") || file === "/c/link"
          ? -13
          : files[file] === undefined
            ? -2
            : (files[file].access ?? 0),
      stat: (file) => (file.startsWith("/a/locked/") || file === "/c/link" ? -13 : fakeKernel(files).stat(file)),
    });
    try {
      return findCommand(kernel, command);
    } catch (error) {
      if (error instanceof Failure) return `${error.code} ${error.message} | ${error.hint}`;
      throw error;
    }
  };
  t.match(
    find("x", "/a/locked/bin:/c"),
    /^127 x: not found in PATH \| check that it is installed .*; UID 1000 may not search \/a\/locked\b/,
  );
  t.match(find("not", "/a/locked:/b"), /^126 not: cannot run: permission denied \| .*execute permission.*noexec/);
  t.match(
    find("/a/locked/x", ""),
    /^126 \/a\/locked\/x: cannot run: permission denied \| UID 1000 may not search \/a\/locked\b/,
  );
  t.match(
    find("/c/link", ""),
    /^126 \/c\/link: cannot run: .* \| UID 1000 may not search the directories that \/c\/link leads/,
  );
  t.match(find("x", "/c"), /^127 x: not found in PATH \| .*PATH/);
  for (const command of ["./x.sh", "/c/x.sh"]) {
    t.match(find(command, "/c"), `127 ${command}: no such file or directory | the file itself is missing`);
    t.notMatch(find(command, "/c"), "PATH", "a command with a slash is not looked up there");
  }
});

t.test("each reason has a hint", async (t) => {
  for (const errno of [2, 7, 8, 13, 20, 21, 26, 36, 80]) t.not(cannotRun("x", errno).hint, "", `errno ${errno}`);
});

t.test("one line a message, whatever a name holds", async (t) => {
  t.equal(failureLines("user 'a\nb\x1b[31m'", ""), "tsgosu: user 'a\\x0ab\\x1b[31m'\n");
  t.equal(failureLines("x", "y"), "tsgosu: x\ntsgosu: hint: y\n");
});

t.test("account files that are none", async (t) => {
  const fails = (file: FakeFile): string => {
    try {
      readAccountFile(fakeKernel({ "/etc/passwd": file }), "/etc/passwd");
      return "read";
    } catch (error) {
      return error instanceof Failure ? error.message : "threw";
    }
  };
  t.equal(fails({ mode: 0o100644, bytes: Buffer.from("x") }), "read");
  t.equal(fails({ mode: 0o040755 }), "/etc/passwd: not a regular file");
  t.equal(fails({ mode: 0o010644 }), "/etc/passwd: not a regular file");
  t.equal(fails({ mode: 0o020666 }), "/etc/passwd: not a regular file");
  t.equal(readAccountFile(fakeKernel({}), "/etc/passwd").exists, false);
});

t.test("a file that grows while it is read ends all the same", async (t) => {
  const endless = kernelOver({ ...callsOfFile(new Uint8Array(0), 0o100644), read: (_fd, _into, length) => length });
  t.throws(() => readAccountFile(endless, "/etc/passwd"), { message: "/etc/passwd: larger than 64 MiB" });
  const large = kernelOver(callsOfFile(Buffer.alloc(100 * 2 ** 20), 0o100644));
  t.throws(() => readAccountFile(large, "/etc/passwd"), { message: "/etc/passwd: larger than 64 MiB" });
  const grown = Buffer.from("root:x:0:0::/:\n".repeat(10_000));
  const kernel = kernelOver(callsOfFile(grown, 0o100644, 10));
  t.same(Buffer.from(readAccountFile(kernel, "/etc/passwd").bytes), grown);
});
