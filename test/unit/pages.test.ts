// Which of Node's pages may be given back: none that was ever written.

import t from "tap";
import { cleanRanges } from "../../src/kernel/node/pages.ts";

interface Figures {
  readonly dirty?: number;
  readonly anonymous?: number;
  readonly swap?: number;
}

/** A mapping as /proc/PID/smaps lists it. */
function mapping(head: string, { dirty = 0, anonymous = 0, swap = 0 }: Figures = {}): string {
  return `${head}
Size:                132 kB
Rss:                  16 kB
Pss_Dirty:             0 kB
Private_Clean:        16 kB
Private_Dirty:  ${`${dirty}`.padStart(8)} kB
Anonymous:      ${`${anonymous}`.padStart(8)} kB
Swap:           ${`${swap}`.padStart(8)} kB
SwapPss:               0 kB
VmFlags: rd ex mr mw me
`;
}

const CODE = "00400000-00421000 r-xp 0042e000 fe:00 2261789                            /usr/bin/node";
const CONSTANTS = "7f1200000000-7f1200021000 r--p 00000000 08:01 17                   /lib/libc.so.6";

t.test("what stands in a file, and was never written", async (t) => {
  const both = mapping(CODE) + mapping(CONSTANTS);
  t.same(cleanRanges(both), [
    { start: 0x400000, length: 0x21000 },
    { start: 0x7f1200000000, length: 0x21000 },
  ]);
  t.same(cleanRanges(mapping(CODE, { anonymous: 4 }) + mapping(CONSTANTS)), cleanRanges(mapping(CONSTANTS)));
});

t.test("nothing else", async (t) => {
  const kept: readonly (readonly [string, string])[] = [
    ["written by the dynamic loader, as RELRO is", mapping(CONSTANTS, { dirty: 4, anonymous: 4 })],
    ["written, and clean again", mapping(CONSTANTS, { anonymous: 4 })],
    ["written, and in the swap area since", mapping(CONSTANTS, { swap: 4 })],
    ["can be written", mapping(CONSTANTS.replace("r--p", "rw-p"))],
    ["shared", mapping(CONSTANTS.replace("r--p", "r--s"))],
    ["no file", mapping("7f1200000000-7f1200021000 r--p 00000000 00:00 0")],
    ["the kernel's own", mapping("7ffc1f7d5000-7ffc1f7d7000 r-xp 00000000 00:00 0                          [vdso]")],
    ["without its figures", `${CODE}\nSize: 132 kB\n`],
    ["no smaps at all", "x"],
    ["nothing", ""],
  ];
  for (const [name, smaps] of kept) t.same(cleanRanges(smaps), [], name);
});
