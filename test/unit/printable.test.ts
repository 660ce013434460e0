// What names look like in messages: nothing in them may act on a terminal, hide, or show in another order.

import fc from "fast-check";
import t from "tap";
import { failureLines, printable } from "../../src/failure.ts";

/** The bytes of a text in UTF-8, a character each (text.ts). */
function bytes(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function escaped(text: string): string {
  return [...text].map((byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`).join("");
}

const HIDDEN =
  /[\p{Cc}\p{Co}\p{Zl}\p{Zp}\p{Zs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
const SHOWN = /[\p{L}\p{N}\p{P}\p{S}]/u;

t.test("every character of Unicode", async (t) => {
  const wrong: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    const text = bytes(character);
    const hides = HIDDEN.test(character) && character !== " ";
    if (!hides && !SHOWN.test(character)) continue;
    if (printable(text) !== (hides ? escaped(text) : text)) wrong.push(code.toString(16));
  }
  t.same(wrong, []);
});

t.test("what is no character", async (t) => {
  for (const text of [
    "\x9b",
    "\x9b\x9b",
    "\xc2",
    "\xc3\xc3",
    "\xc1\xa1",
    "\xe0\x9f\xbf",
    "\xed\xa0\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xff",
    "\xe2\x82",
  ])
    t.equal(printable(text), escaped(text));
  t.equal(printable("caf\xc3\xa9\x9b!\xe2\x80\xae"), "caf\xc3\xa9\\x9b!\\xe2\\x80\\xae");
  t.equal(failureLines("a\nb", "c\x1bd"), "tsgosu: a\\x0ab\ntsgosu: hint: c\\x1bd\n");
});

t.test("whatever the bytes, what is shown is UTF-8 on one line", async () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (raw) => {
      const shown = decoder.decode(Buffer.from(printable(Buffer.from(raw).toString("latin1")), "latin1"));
      return ![...shown].some((character) => HIDDEN.test(character) && character !== " ");
    }),
    { numRuns: 2000 },
  );
});
