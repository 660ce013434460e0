// How npm run coverage finds lines and functions: what it does not find, nobody would miss.

import t from "tap";
import { functionsIn } from "../../scripts/coverage/functions.ts";
import { linesOf } from "../../scripts/coverage/lines.ts";

t.test("functions and methods of TypeScript, and of the script that esbuild makes of it", async (t) => {
  const names = (text: string): string[] => functionsIn(text, true).map(({ name }) => name);
  const text = `export function first(
  word: string,
): void {
  call(word);
  if (word === "") {
    other();
  }
}
class Some extends Other {
  private readonly field: number;

  constructor(field: number) {
    super();
  }

  override does(many: string): number {
    return many.map((one) => one.length).length;
  }

  private helps(): void {}
}
function last(): void {}
`;
  t.same(names(text), ["first", "Some.constructor", "Some.does", "Some.helps", "last"]);
  const script =
    "var Some = class extends Other {\n  constructor() {\n  }\n  does(many) {\n  }\n};\nfunction last() {\n}\n";
  t.same(functionsIn(script, true), [
    { name: "Some.constructor", place: script.indexOf("constructor") },
    { name: "Some.does", place: script.indexOf("does") },
    { name: "last", place: script.indexOf("function") },
  ]);
});

t.test("functions of C, and nothing that is only declared", async (t) => {
  const text = `void declared(int);
static inline long whole(double value) {
  if (value) {
    return 1;
  }
  for (;;) {
  }
}
_Noreturn void die(const char *why) {
}
struct some { int field; };
static void *map(size_t length) {
}
`;
  t.same(
    functionsIn(text, false).map(({ name }) => name),
    ["whole", "die", "map"],
  );
});

t.test("lines with code: no types, comments, imports or brackets", async (t) => {
  const text = `// a comment
import { some } from "./other.ts";
interface Shape {
  readonly field: number;
}
export function one(word: string): number {
  /* two
     lines */
  return word.length; // here
}
`;
  const counted = { statementMap: { 0: { start: { line: 6 } }, 1: { start: { line: 9 } } }, s: { 0: 1, 1: 0 } };
  t.same(linesOf("src/some.ts", text, counted), {
    file: "src/some.ts",
    count: 2,
    missed: [{ number: 9, text: "return word.length; // here" }],
  });
  t.same(linesOf("src/some.ts", text, undefined).missed.length, 2, "no test loads it");
});
