// What the static executable is made of, and how it is hardened: what checksec(1) looks at.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { checkSymbols, symbolsOf } from "../../scripts/build-static.ts";
import { PROJECT } from "../../scripts/host.ts";

const file = join(PROJECT, "dist/tsgosu-static");
const elf = readFileSync(file);

interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly length: number;
}

/** The program headers of a 64-bit little-endian ELF file (elf(5)). */
function segments(): Segment[] {
  const start = Number(elf.readBigUInt64LE(32));
  const [size, count] = [elf.readUInt16LE(54), elf.readUInt16LE(56)];
  return Array.from({ length: count }, (_, i) => start + i * size).map((at) => ({
    type: elf.readUInt32LE(at),
    flags: elf.readUInt32LE(at + 4),
    offset: Number(elf.readBigUInt64LE(at + 8)),
    length: Number(elf.readBigUInt64LE(at + 32)),
  }));
}

const [ET_DYN, PT_DYNAMIC, PT_INTERP] = [3, 2, 3];
const [PT_GNU_STACK, PT_GNU_RELRO] = [0x6474e551, 0x6474e552];
const [PF_X, PF_W] = [1, 2];
const [DT_FLAGS, DF_BIND_NOW] = [30n, 8n];

t.test("static, position-independent, read-only after relocation, no executable stack", async (t) => {
  const all = segments();
  t.equal(elf.readUInt16LE(16), ET_DYN, "position-independent");
  t.notOk(
    all.some(({ type }) => type === PT_INTERP),
    "no interpreter: static",
  );
  t.ok(
    all.some(({ type }) => type === PT_GNU_RELRO),
    "RELRO",
  );
  t.equal((all.find(({ type }) => type === PT_GNU_STACK)?.flags ?? PF_X) & PF_X, 0, "no executable stack");
  for (const { flags } of all) t.not(flags & (PF_W | PF_X), PF_W | PF_X, "nothing both writable and executable");
  const dynamic = all.find(({ type }) => type === PT_DYNAMIC);
  let flags = 0n;
  for (let at = dynamic?.offset ?? 0; at < (dynamic?.offset ?? 0) + (dynamic?.length ?? 0); at += 16)
    if (elf.readBigUInt64LE(at) === DT_FLAGS) flags = elf.readBigUInt64LE(at + 8);
  t.equal(flags & DF_BIND_NOW, DF_BIND_NOW, "full RELRO: nothing is bound later");
});

t.test("the build knows what may be linked, and what must be", async (t) => {
  const symbols = symbolsOf(join(PROJECT, "build/x86_64/tsgosu-with-symbols"));
  t.doesNotThrow(() => checkSymbols(symbols));
  t.ok(symbols.has("__stack_chk_fail"), "stack protectors");
  t.throws(() => checkSymbols(new Set([...symbols, "sscanf"])), /sscanf is linked/);
  t.throws(
    () => checkSymbols(new Set([...symbols].filter((name) => name !== "kernel_execve"))),
    /kernel_execve is not/,
  );
});

t.test("the C beside it is what scriptc has written", async (t) => {
  const c = readFileSync(`${file}.c`, "utf8");
  t.equal(c, readFileSync(join(PROJECT, "build/x86_64/program.c"), "utf8"));
  t.match(c, /scr_lib_init\(argc, argv\)/, "with the start of the runtime's, as it was generated");
  t.notOk(elf.includes(PROJECT), "the executable names no folder of the machine that made it");
});
