// Whether an executable is for the machine that its name says.

import type { Architecture } from "../architectures.ts";

/** Where the bytes of an ELF header are, and what they say there (elf.h). */
const CLASS = 4;
const CLASS_64 = 2;
const DATA = 5;
const LITTLE = 1;
const MACHINE = 18;

/** The architectures whose numbers begin with the high byte. */
const BIG_ENDIAN = new Set(["s390x"]);

/** Throws an Error that says which, unless the file is a 64-bit ELF file for that architecture, in its byte order. */
export function checkMachine(file: Buffer, { name, elfMachine }: Architecture): void {
  if (file.toString("latin1", 0, 4) !== "\x7fELF" || file[CLASS] !== CLASS_64)
    throw new Error(`the executable for ${name} is no 64-bit ELF file`);
  const isLittle = file[DATA] === LITTLE;
  const machine = isLittle ? file.readUInt16LE(MACHINE) : file.readUInt16BE(MACHINE);
  if (machine !== elfMachine || isLittle === BIG_ENDIAN.has(name))
    throw new Error(
      `the executable for ${name} is for the machine ${machine} of ELF, ${isLittle ? "little" : "big"}-endian`,
    );
}
