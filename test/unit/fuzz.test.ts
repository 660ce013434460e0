// Some thousand inputs for each reader, in Node and as native code; `npm run fuzz` gives each a million.

import t from "tap";
import { targets } from "../native/targets.ts";
import { fuzz, runners } from "../support/fuzz.ts";

/** Fewer inputs where each costs much. */
const COUNTS: Readonly<Record<string, number>> = { message: 300, supervisor: 600, start: 800, reown: 600 };
const COUNT = 1500;

const all = await runners("soon");

for (const { name: target } of targets()) {
  t.test(target, async (t) => {
    const count = COUNTS[target] ?? COUNT;
    for (const found of await fuzz(all, { target, seed: 20261124, first: 0, count })) {
      t.same(found.wrong, [], found.runner);
      t.ok(found.refused < found.inputs, "not all are refused");
    }
  });
}

t.test("a reader that is wrong is found, and one that does not do the same everywhere", async (t) => {
  const [node, ...native] = await fuzz(all, { target: "broken", seed: 1, first: 0, count: 1000 });
  t.equal(node?.wrong.length, 10);
  t.match(node?.wrong[0], /wrong: this reader is wrong/);
  t.equal(native.length, 3);
  for (const { runner, wrong } of native) t.match(wrong.join("\n"), /> \d+ .*\n.*out of bounds/, runner);
});
