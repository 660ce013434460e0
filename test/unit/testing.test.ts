// docs/testing.md, and how its figures are read off a run.

import { readFileSync } from "node:fs";
import t from "tap";
import { faultTotals, testingPage } from "../../scripts/testing/page.ts";
import { keptResults, withNewer } from "../../scripts/testing/results.ts";
import { filesIn } from "../../scripts/testing/tap.ts";
import { sourcesOf } from "../../scripts/testing.ts";

const RUN = `TAP version 14
1..3
# Subtest: test/unit/one.test.ts
    # Subtest: a table
        ok 1 - first
        not ok 2 - second
          ---
          diff: |
            ok 9 - not a result, but what a message quotes
          ...
        # Subtest: below
            ok 1 - third
            1..1
        ok 3 - below # time=1ms
        1..3
    not ok 1 - a table # time=2ms
    # Subtest: a property, which throws if it does not hold
        1..0
    ok 2 - a property, which throws if it does not hold # time=3ms
    ok 3 - left out # SKIP no daemon
    1..3
not ok 1 - test/unit/one.test.ts # time=1234.5ms
# Subtest: test/container/two.test.ts
    ok 1 - one
    1..1
ok 2 - test/container/two.test.ts # time=50ms
# Subtest: test/unit/broken.test.ts
    ok 1 - before it was ended
`;

t.test("checks are counted by file, and a file that did not end is none", async (t) => {
  t.same(filesIn(RUN), [
    { file: "test/container/two.test.ts", checks: 1, failed: 0, skipped: 0, seconds: 0.1 },
    { file: "test/unit/one.test.ts", checks: 5, failed: 1, skipped: 1, seconds: 1.2 },
  ]);
  t.same(filesIn(""), []);
});

t.test("a reader that was fuzzed again has its newer figures, and the others keep theirs", async (t) => {
  const found = (name: string, inputs: number) => ({ name, inputs, seed: 1, refused: 0, wrong: 0, seconds: 1 });
  const before = [found("passwd", 20), found("group", 20)];
  t.same(withNewer(before, [found("status", 1000), found("passwd", 1000)]), [
    found("passwd", 1000),
    found("group", 20),
    found("status", 1000),
  ]);
  t.same(withNewer([], before), before);
});

t.test("the totals of docs/faults.md are those of its rows", async (t) => {
  const faults = readFileSync("docs/faults.md", "utf8");
  const totals = faultTotals(faults);
  t.same(
    totals.map(({ executable }) => executable),
    ["dist/tsgosu", "dist/tsgosu-static"],
  );
  for (const { executable, starts, violated } of totals) {
    const section = faults.split(/^## /m).find((text) => text.startsWith(`${executable}\n`)) ?? "";
    const rows = [...section.matchAll(/^\| [^*|]+ \| (\d+) \|.* (\d+) \|$/gm)];
    const sum = (at: number): number => rows.reduce((total, row) => total + Number(row[at]), 0);
    t.same([starts, violated], [sum(1), sum(2)], executable);
  }
});

t.test("docs/testing.md is what npm run testing makes of docs", async (t) => {
  t.equal(readFileSync("docs/testing.md", "utf8"), testingPage(sourcesOf(keptResults())), "npm run testing");
});

t.test("runs that have left no figures are no figures", async (t) => {
  const page = testingPage({ results: {}, faults: "", agreement: "", pages: [] });
  t.notMatch(page, /undefined(?! behaviour)|NaN/);
  t.notMatch(page, /^\| checks/m);
  t.match(page, "# How tsgosu is tested");
});
