// Makes functions of an object file weak, as `objcopy --weaken-symbol` does, for every architecture: the linker takes the
// function of the same name from another object then.

import { readFileSync, writeFileSync } from "node:fs";

const SHT_SYMTAB = 2;
const SYMBOL_LENGTH = 24;
const STB_WEAK = 2;

/** Changes a 64-bit little-endian ELF object (elf(5)) in place; what it has no symbols of is left out. */
export function weaken(object: string, names: ReadonlySet<string>): void {
  const elf = readFileSync(object);
  const sections = Number(elf.readBigUInt64LE(40));
  const [length, count] = [elf.readUInt16LE(58), elf.readUInt16LE(60)];
  const header = (index: number): number => sections + index * length;
  const offset = (index: number): number => Number(elf.readBigUInt64LE(header(index) + 24));
  for (let index = 0; index < count; index++) {
    if (elf.readUInt32LE(header(index) + 4) !== SHT_SYMTAB) continue;
    const strings = offset(elf.readUInt32LE(header(index) + 40));
    const end = offset(index) + Number(elf.readBigUInt64LE(header(index) + 32));
    for (let symbol = offset(index); symbol < end; symbol += SYMBOL_LENGTH) {
      const start = strings + elf.readUInt32LE(symbol);
      const name = elf.toString("latin1", start, elf.indexOf(0, start));
      if (names.has(name)) elf[symbol + 4] = (STB_WEAK << 4) | ((elf[symbol + 4] ?? 0) & 0xf);
    }
  }
  writeFileSync(object, elf);
}
