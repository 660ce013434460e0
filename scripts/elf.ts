// Reads ELF files of 64 bits, little-endian (elf(5)): what the builds check of the files that they make.

export const ET_DYN = 3;
export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PT_GNU_STACK = 0x6474e551;
export const PT_GNU_RELRO = 0x6474e552;
export const PF_X = 1;
export const PF_W = 2;
export const SHT_DYNSYM = 11;
/** The size of an entry of a symbol table. */
export const SYMBOL_LENGTH = 24;
const DYNAMIC_LENGTH = 16;

export interface Section {
  readonly name: string;
  readonly type: number;
  /** In bytes, from the start of the file. */
  readonly offset: number;
  readonly size: number;
}

export interface Segment {
  readonly type: number;
  readonly flags: number;
  /** In bytes, from the start of the file. */
  readonly offset: number;
  readonly fileSize: number;
  /** Where it stands in memory, from where the file is loaded. */
  readonly address: number;
  readonly memorySize: number;
}

export interface Symbol {
  readonly name: string;
  /** Whether this file has it; else it is looked for in others. */
  readonly isDefined: boolean;
}

/** The type of the file: ET_DYN for a library or a position-independent executable. */
export function typeOf(file: Buffer): number {
  return file.readUInt16LE(16);
}

/** The sections of the file, in its order. */
export function sectionsOf(file: Buffer): Section[] {
  const table = numberAt(file, 40);
  const length = file.readUInt16LE(58);
  const headerAt = (index: number): number => table + index * length;
  const names = numberAt(file, headerAt(file.readUInt16LE(62)) + 24);
  return Array.from({ length: file.readUInt16LE(60) }, (_, index) => ({
    name: stringAt(file, names + file.readUInt32LE(headerAt(index))),
    type: file.readUInt32LE(headerAt(index) + 4),
    offset: numberAt(file, headerAt(index) + 24),
    size: numberAt(file, headerAt(index) + 32),
  }));
}

/** The section of that name. Throws an Error if there is none. */
export function sectionNamed(sections: readonly Section[], name: string): Section {
  const section = sections.find((candidate) => candidate.name === name);
  if (section === undefined) throw new Error(`the file has no section ${name}`);
  return section;
}

/** The segments of the file: what the kernel loads, and what it is told about that. */
export function segmentsOf(file: Buffer): Segment[] {
  const table = numberAt(file, 32);
  const length = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const header = table + index * length;
    return {
      type: file.readUInt32LE(header),
      flags: file.readUInt32LE(header + 4),
      offset: numberAt(file, header + 8),
      address: numberAt(file, header + 16),
      fileSize: numberAt(file, header + 32),
      memorySize: numberAt(file, header + 40),
    };
  });
}

/** The symbols of a table, by its section and the section of its names; their order is that of the table. */
export function symbolsOf(file: Buffer, table: Section, names: Section): Symbol[] {
  return Array.from({ length: table.size / SYMBOL_LENGTH }, (_, index) => {
    const entry = table.offset + index * SYMBOL_LENGTH;
    return {
      name: stringAt(file, names.offset + file.readUInt32LE(entry)),
      isDefined: file.readUInt16LE(entry + 6) !== 0,
    };
  });
}

/** The names of everything that a file, which is not stripped, defines. */
export function definedSymbols(file: Buffer): Set<string> {
  const sections = sectionsOf(file);
  const symbols = symbolsOf(file, sectionNamed(sections, ".symtab"), sectionNamed(sections, ".strtab"));
  return new Set(symbols.filter((symbol) => symbol.isDefined).map((symbol) => symbol.name));
}

/** The entries of the dynamic section, value by tag; of a tag that stands there twice, the last value. */
export function dynamicOf(file: Buffer): Map<number, number> {
  const segment = segmentsOf(file).find((candidate) => candidate.type === PT_DYNAMIC);
  if (segment === undefined) return new Map();
  return new Map(
    Array.from({ length: segment.fileSize / DYNAMIC_LENGTH }, (_, index) => {
      const entry = segment.offset + index * DYNAMIC_LENGTH;
      return [numberAt(file, entry), numberAt(file, entry + 8)];
    }),
  );
}

function numberAt(file: Buffer, offset: number): number {
  return Number(file.readBigUInt64LE(offset));
}

function stringAt(file: Buffer, offset: number): string {
  return file.toString("latin1", offset, file.indexOf(0, offset));
}
