// Takes the environment away from Node, in a copy of its binary. The environment is the application's: NODE_OPTIONS,
// NODE_COMPILE_CACHE, NODE_CHANNEL_FD, OPENSSL_CONF and their like would load, write or break things in a program that
// runs as root. Node's options can switch some of them off; the only thing that switches all off is that Node cannot look.

const DYNSYM = 11;
const SYMBOL_LENGTH = 24;

interface Section {
  readonly name: string;
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * Makes the ELF program in `file` call dlerror(3) wherever it called getenv(3) or secure_getenv(3): a function that it
 * imports anyway, and which answers what an empty environment would, NULL. Throws an Error if the file is not built as expected.
 */
export function blindToEnvironment(file: Buffer): void {
  const sections = sectionsOf(file);
  const symbols = sectionNamed(sections, ".dynsym");
  const names = sectionNamed(sections, ".dynstr");
  const versions = sectionNamed(sections, ".gnu.version");
  if (symbols.type !== DYNSYM) throw new Error(".dynsym is no symbol table");
  const indexOf = new Map<string, number>();
  for (let index = 0; index < symbols.size / SYMBOL_LENGTH; index++) {
    indexOf.set(stringAt(file, names.offset + file.readUInt32LE(symbols.offset + index * SYMBOL_LENGTH)), index);
  }
  const answer = indexOf.get("dlerror");
  for (const name of ["getenv", "secure_getenv"]) {
    const index = indexOf.get(name);
    if (answer === undefined || index === undefined)
      throw new Error(`Node's binary does not import ${name} or dlerror`);
    copyEntry(file, symbols.offset, SYMBOL_LENGTH, answer, index);
    copyEntry(file, versions.offset, 2, answer, index);
  }
}

function copyEntry(file: Buffer, table: number, length: number, from: number, to: number): void {
  file.copy(file, table + to * length, table + from * length, table + (from + 1) * length);
}

function sectionsOf(file: Buffer): Section[] {
  const table = Number(file.readBigUInt64LE(40));
  const length = file.readUInt16LE(58);
  const count = file.readUInt16LE(60);
  const headerAt = (index: number): number => table + index * length;
  const names = Number(file.readBigUInt64LE(headerAt(file.readUInt16LE(62)) + 24));
  return Array.from({ length: count }, (_, index) => ({
    name: stringAt(file, names + file.readUInt32LE(headerAt(index))),
    type: file.readUInt32LE(headerAt(index) + 4),
    offset: Number(file.readBigUInt64LE(headerAt(index) + 24)),
    size: Number(file.readBigUInt64LE(headerAt(index) + 32)),
  }));
}

function sectionNamed(sections: readonly Section[], name: string): Section {
  const section = sections.find((candidate) => candidate.name === name);
  if (section === undefined) throw new Error(`Node's binary has no section ${name}`);
  return section;
}

function stringAt(file: Buffer, offset: number): string {
  return file.toString("latin1", offset, file.indexOf(0, offset));
}
