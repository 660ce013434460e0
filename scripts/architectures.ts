// The architectures that tsgosu is released for, and what others call them.

import { SetupError } from "./host.ts";

/** An architecture, under the names that it has elsewhere. */
export interface Architecture {
  /** As OCI images and Go call it; the name that the files of a release have. */
  readonly name: string;
  /** As the compiler, qemu and uname(1) call it. */
  readonly target: string;
  /** As Debian's packages call it. */
  readonly debian: string;
  /** As npm's field `cpu` and Node's `process.arch` call it. */
  readonly npm: string;
  /** The number of the machine in an ELF header (e_machine in elf.h). */
  readonly elfMachine: number;
}

/** All of them; the executables for Node are made for the first two. */
export const ARCHITECTURES: readonly Architecture[] = [
  { name: "amd64", target: "x86_64", debian: "amd64", npm: "x64", elfMachine: 62 },
  { name: "arm64", target: "aarch64", debian: "arm64", npm: "arm64", elfMachine: 183 },
  { name: "riscv64", target: "riscv64", debian: "riscv64", npm: "riscv64", elfMachine: 243 },
  { name: "loong64", target: "loongarch64", debian: "loong64", npm: "loong64", elfMachine: 258 },
  { name: "ppc64le", target: "powerpc64le", debian: "ppc64el", npm: "ppc64", elfMachine: 21 },
  { name: "s390x", target: "s390x", debian: "s390x", npm: "s390x", elfMachine: 22 },
];

/** The architecture of that name, or that the compiler calls so. Throws a SetupError that lists all, if there is none. */
export function architectureNamed(word: string): Architecture {
  const found = ARCHITECTURES.find(({ name, target }) => word === name || word === target);
  if (found !== undefined) return found;
  const known = ARCHITECTURES.map(({ name }) => name).join(", ");
  throw new SetupError(`${word}: tsgosu is built for ${known}; 32-bit machines would cut UIDs above 65535`);
}
