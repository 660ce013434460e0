// Reads ELF files of 64 bits, of either byte order (elf(5)): what the builds check of the files that they make.

import type { Architecture } from "./architectures.ts";

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
const EI_CLASS = 4;
const ELFCLASS64 = 2;
const EI_DATA = 5;
const ELFDATA2MSB = 2;
const MACHINE_AT = 18;

/** The architectures whose numbers begin with the highest byte. */
const BIG_ENDIAN = ["s390x"];

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
  /** Where it stands in memory, from where the file is loaded. */
  readonly address: number;
}

/** Throws an Error that says why, unless the file is an ELF file of 64 bits for that architecture, in its byte order. */
export function checkMachine(file: Buffer, { name, elfMachine }: Architecture): void {
  if (file.toString("latin1", 0, 4) !== "\x7fELF") throw new Error(`the executable for ${name} is no ELF file`);
  if (file[EI_CLASS] !== ELFCLASS64) throw new Error(`the executable for ${name} is no ELF file of 64 bits`);
  const [machine, order] = [u16(file, MACHINE_AT), isBigEndian(file) ? "big-endian" : "little-endian"];
  const isExpectedOrder = isBigEndian(file) === BIG_ENDIAN.includes(name);
  if (machine !== elfMachine || !isExpectedOrder)
    throw new Error(`the executable for ${name}, machine ${elfMachine} of ELF, is for machine ${machine}, ${order}`);
}

/** The type of the file: ET_DYN for a library or a position-independent executable. */
export function typeOf(file: Buffer): number {
  return u16(file, 16);
}

/** The sections of the file, in its order. */
export function sectionsOf(file: Buffer): Section[] {
  const table = numberAt(file, 40);
  const length = u16(file, 58);
  const headerAt = (index: number): number => table + index * length;
  const names = numberAt(file, headerAt(u16(file, 62)) + 24);
  return Array.from({ length: u16(file, 60) }, (_, index) => ({
    name: stringAt(file, names + u32(file, headerAt(index))),
    type: u32(file, headerAt(index) + 4),
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
  const length = u16(file, 54);
  return Array.from({ length: u16(file, 56) }, (_, index) => {
    const header = table + index * length;
    return {
      type: u32(file, header),
      flags: u32(file, header + 4),
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
      name: stringAt(file, names.offset + u32(file, entry)),
      isDefined: u16(file, entry + 6) !== 0,
      address: numberAt(file, entry + 8),
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

function isBigEndian(file: Buffer): boolean {
  return file[EI_DATA] === ELFDATA2MSB;
}

function u16(file: Buffer, offset: number): number {
  return isBigEndian(file) ? file.readUInt16BE(offset) : file.readUInt16LE(offset);
}

function u32(file: Buffer, offset: number): number {
  return isBigEndian(file) ? file.readUInt32BE(offset) : file.readUInt32LE(offset);
}

function numberAt(file: Buffer, offset: number): number {
  return Number(isBigEndian(file) ? file.readBigUInt64BE(offset) : file.readBigUInt64LE(offset));
}

function stringAt(file: Buffer, offset: number): string {
  return file.toString("latin1", offset, file.indexOf(0, offset));
}
