// Ten thousand damaged inputs a reader; `npm run fuzz` gives each a million.

import t from "tap";
import { fuzz, targets } from "../support/fuzz.ts";

for (const target of targets) {
  t.test(target.name, async (t) => {
    const found = fuzz(target, 10_000, 20261122);
    t.same(found.wrong, []);
    t.ok(found.slowestMs < 1000, `slowest ${found.slowestMs} ms`);
    t.ok(found.refused < found.inputs, "not all are refused");
  });
}

t.test("a reader that is wrong is found", async (t) => {
  const wrong = { name: "wrong", samples: ["1000"], read: (input: string) => void BigInt(input) };
  t.equal(fuzz(wrong, 1000, 1).wrong.length, 10);
});
