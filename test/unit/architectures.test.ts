// What is said of architectures, held to the headers of each: numbers and structures of the kernel, and the machine in an ELF
// header. The compiler brings the headers of all with it.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { ARCHITECTURES, architectureNamed } from "../../scripts/architectures.ts";
import { checkMachine } from "../../scripts/elf.ts";
import { FIONREAD, MACHINES } from "../../src/kernel/node/machine.ts";

const OUT = "build/tests";
const SOURCES = ["abi", "constants"].map((name) => `src/kernel/static/${name}.c`);
const FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-ferror-limit=0"];
/** The 32-bit machines that containers run on. */
const SMALL = ["x86-linux-musl", "arm-linux-musleabihf", "riscv32-linux-musl"];

t.setTimeout(300_000);
mkdirSync(OUT, { recursive: true });

/** What the compiler says of a C file; empty where it compiles. */
function complaints(target: string, source: string): string {
  // zig is a Node program, which a test runner's NODE_OPTIONS would break.
  const words = ["-u", "NODE_OPTIONS", "node_modules/.bin/zig", "cc", "-target", target, ...FLAGS];
  const output = join(OUT, `${target}.o`);
  const { status, stderr } = spawnSync("env", [...words, "-c", "-o", output, source], { encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

/** A C file of this text. */
function written(name: string, text: string): string {
  const file = join(OUT, `${name}.c`);
  writeFileSync(file, text);
  return file;
}

t.test("what TypeScript takes for granted about the kernel holds on every architecture", async (t) => {
  for (const { name, target } of ARCHITECTURES)
    for (const source of SOURCES) t.equal(complaints(`${target}-linux-musl`, source), "", `${name}: ${source}`);
});

t.test("a constant with another value does not compile, nor does a field at another place", async (t) => {
  const constants = readFileSync("src/kernel/static/constants.c", "utf8");
  const names = [...constants.matchAll(/^HOLDS\((\w+), .*\);$/gm)].map(([, name]) => name);
  t.ok(names.length > 100, "all of them are there");
  const said = complaints("s390x-linux-musl", written("altered", constants.replaceAll(/^(HOLDS.*)\);$/gm, "$1 + 1);")));
  for (const name of names) t.match(said, `${name} has another value on this architecture`);

  const abi = readFileSync("src/kernel/static/abi.c", "utf8");
  const fields = [...abi.matchAll(/^FIELD\((.*), \d+, \d+\);$/gm)].map(([, field = ""]) => field.replace(",", ":"));
  t.ok(fields.length > 20, "all of them are there");
  const moved = complaints(
    "s390x-linux-musl",
    written("moved", abi.replaceAll(/^(FIELD.*, \d+)(, \d+\);)$/gm, "$1 + 1$2")),
  );
  for (const field of fields) t.match(moved, field);
});

t.test("a 32-bit machine is refused, by the build and by the compiler", async (t) => {
  for (const target of SMALL)
    for (const source of SOURCES.slice(0, 1))
      t.match(
        complaints(target, source),
        "tsgosu is not made for 32-bit machines, where the kernel cuts UIDs above 65535",
      );
  t.throws(() => architectureNamed("arm"), /^arm: tsgosu is built for amd64, .*; 32-bit machines would cut UIDs/);
  const build = spawnSync(process.execPath, ["scripts/build.ts", "static", "i386"], { encoding: "utf8" });
  t.match(build, { status: 1, stderr: /^build: i386: tsgosu is built for amd64, [^\n]*\n$/ });
  t.equal(architectureNamed("ppc64le"), architectureNamed("powerpc64le"));
});

t.test("Node's numbers are those of the headers", async (t) => {
  for (const [cpu, machine] of Object.entries(MACHINES)) {
    const target = ARCHITECTURES.find(({ npm }) => npm === cpu)?.target;
    const { statfsFlags, ...numbers } = machine;
    const asserted = (by: number): string =>
      [
        "#include <asm/fcntl.h>\n#include <asm/ioctls.h>\n#include <asm/statfs.h>\n#include <asm/termbits.h>\n#include <stddef.h>",
        ...Object.entries(numbers).map(
          ([name, value]) => `_Static_assert(${name} == ${value + by}, "number ${name}");`,
        ),
        `_Static_assert(offsetof(struct statfs, f_flags) == ${statfsFlags + by}, "number statfsFlags");`,
        `_Static_assert(FIONREAD == ${FIONREAD + by}, "number FIONREAD");\n`,
      ].join("\n");
    t.equal(complaints(`${target}-linux-musl`, written(`node-${cpu}`, asserted(0))), "", cpu);
    const said = complaints(`${target}-linux-musl`, written(`node-${cpu}-altered`, asserted(1)));
    for (const name of [...Object.keys(machine), "FIONREAD"]) t.match(said, `number ${name}`);
  }
});

t.test("the machine in an ELF header", async (t) => {
  const header = (machine: number, data: number, wide = 2): Buffer => {
    const file = Buffer.from("\x7fELF".padEnd(64, "\0"), "latin1");
    file.set([wide, data], 4);
    if (data === 2) file.writeUInt16BE(machine, 18);
    else file.writeUInt16LE(machine, 18);
    return file;
  };
  for (const architecture of ARCHITECTURES) {
    const { name, elfMachine } = architecture;
    const order = name === "s390x" ? 2 : 1;
    checkMachine(header(elfMachine, order), architecture);
    for (const other of ARCHITECTURES)
      if (other !== architecture)
        t.throws(() => checkMachine(header(other.elfMachine, order), architecture), /is for machine \d+, \w+-endian$/);
    t.throws(() => checkMachine(header(elfMachine, 3 - order), architecture), /is for machine \d+, \w+-endian$/, name);
    t.throws(() => checkMachine(header(elfMachine, order, 1), architecture), /no ELF file of 64 bits$/);
    t.throws(() => checkMachine(Buffer.from("#!/bin/sh\n"), architecture), /no ELF file$/);
  }
  // This machine's own Node, and the machine that uname(1) tells.
  const own = ARCHITECTURES.find(({ npm }) => npm === process.arch);
  if (own === undefined) throw new Error(`no architecture for ${process.arch}`);
  checkMachine(readFileSync(process.execPath), own);
  t.equal(execFileSync("uname", ["-m"], { encoding: "utf8" }).trim(), own.target);
});
