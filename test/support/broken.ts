// A program for the static build that is wrong in the way that a variable of its environment names (executable.test.ts).
// It is wrong while its modules are loaded, where nothing catches what is thrown.

import { staticKernel } from "../../src/kernel/static/kernel.ts";

const kernel = staticKernel();

function wants(name: string): boolean {
  return kernel.environment(name) !== undefined;
}

/** Comes back with what it is given; the compiler does not know the value. */
function unknown(value: number): number {
  return wants("NOTHING") ? 0 : value;
}

class Node {
  readonly next: Node | undefined;
  readonly text: string;
  constructor(next: Node | undefined, text: string) {
    this.next = next;
    this.text = text;
  }
}

const bytes = new Uint8Array(4);
let seen = 0;
if (wants("THROW_ERROR")) throw new Error("thrown at the start");
if (wants("THROW_TEXT")) throw "a text";
if (wants("THROW_LONG")) throw new Error("long ".repeat(1000));
if (wants("READ_BEYOND")) seen += bytes[unknown(4)] ?? 0;
if (wants("WRITE_BEYOND")) bytes[unknown(1000000)] = 1;
if (wants("LENGTH_BELOW_ZERO")) seen += new Uint8Array(unknown(-1)).length;
if (wants("REPEAT_BELOW_ZERO")) seen += "x".repeat(unknown(-1)).length;
if (wants("WRITE_FRACTION")) seen += `${unknown(0.5)}`.length;
if (wants("WRITE_NAN")) seen += `${unknown(0) / unknown(0)}`.length;
if (wants("WRITE_LARGE")) seen += `${unknown(9007199254740992)}`.length;
if (wants("WRITE_WHOLE"))
  throw new Error(`${unknown(0)} ${unknown(-7)} ${unknown(4294967295)} ${unknown(9007199254740991)}`);
if (wants("CALL_WITH_FRACTION")) kernel.exit(unknown(1.5));
if (wants("EAT_BYTES")) {
  const eaten: Uint8Array[] = [];
  for (;;) eaten.push(new Uint8Array(unknown(1000)));
}
if (wants("EAT_TEXT")) {
  let text = "x";
  for (;;) text += text;
}
if (wants("EAT_OBJECTS")) {
  let last: Node | undefined;
  for (;;) last = new Node(last, "");
}
if (wants("EAT_ARRAY")) {
  const eaten: number[] = [];
  for (;;) eaten.push(unknown(1));
}
kernel.exit(seen);
