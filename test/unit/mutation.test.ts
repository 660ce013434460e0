// What npm run mutate makes of StrykerJS's mutants: modules that the compiler looks at, names that last, and figures.

import { join } from "node:path";
import type { MutantResult } from "@stryker-mutator/api/core";
import t from "tap";
import { PROJECT } from "../../scripts/host.ts";
import { mutationText, percentage, scoreOf } from "../../scripts/mutation/report.ts";
import { nameOf } from "../../scripts/mutation/survivors.ts";
import { complaints, mutated } from "../../scripts/mutation/types.ts";

const TEXT = "// a file\nconst least =\n  some < other;\n";
const location = { start: { line: 2, column: 7 }, end: { line: 2, column: 8 } };
const mutant: MutantResult = {
  id: "1",
  fileName: join(PROJECT, "src/some.ts"),
  mutatorName: "EqualityOperator",
  // Results count from 1 on.
  location: { start: { line: 3, column: 8 }, end: { line: 3, column: 9 } },
  replacement: "<=",
  status: "Survived",
};

t.test("the module of a mutant differs in one place", async (t) => {
  t.equal(mutated(TEXT, { location, replacement: "<=" }), TEXT.replace("<", "<="));
  const block = { start: { line: 1, column: 0 }, end: { line: 2, column: 15 } };
  t.equal(mutated(TEXT, { location: block, replacement: "" }), "// a file\n\n");
  const beyond = { start: { line: 4, column: 0 }, end: { line: 4, column: 0 } };
  t.throws(() => mutated(TEXT, { location: beyond, replacement: "" }), /no line 5/);
});

t.test("the compiler's first complaint about each module", async (t) => {
  const output = [
    "src/a.mutant-1.ts(3,5): error TS2367: This comparison appears to be unintentional.",
    "src/a.mutant-1.ts(9,1): error TS1: something else",
    "  a line that goes on",
    "src/b.mutant-12.ts(1,1): error TS7027: Unreachable code detected.",
  ].join("\n");
  t.same(
    [...complaints(output)],
    [
      ["src/a.mutant-1.ts", "TS2367: This comparison appears to be unintentional."],
      ["src/b.mutant-12.ts", "TS7027: Unreachable code detected."],
    ],
  );
});

t.test("a mutant keeps its name when lines above it come", async (t) => {
  const name = "src/some.ts: some < other;: < → <=";
  t.equal(nameOf(mutant, TEXT), name);
  const moved = { start: { line: 5, column: 8 }, end: { line: 5, column: 9 } };
  t.equal(nameOf({ ...mutant, location: moved }, `// one\n// more\n${TEXT}`), name);
});

t.test("mutants that are no programs do not count, and those that no test reaches survive", async (t) => {
  const statuses: MutantResult["status"][] = ["Killed", "Killed", "Timeout", "Survived", "NoCoverage", "CompileError"];
  const score = scoreOf(statuses.map((status) => ({ status })));
  t.same(score, { killed: 2, timedOut: 1, survived: 2, refused: 1 });
  t.equal(percentage(score), 60);
  const text = mutationText(new Map([["src/some/file.ts", score]]), [{ name: "a `name`", reason: "Because" }]);
  t.match(text, "3 of 5 mutants are killed: 60.0 %.");
  t.match(text, "| src/some/file.ts | 2 | 1 | 2 | 60.0 | 1 |");
  t.match(text, "### Because\n\n- `` a `name` ``\n");
});
