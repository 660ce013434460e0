// npm run soak, but for seconds.

import t from "tap";
import { executables } from "../support/builds.ts";
import { randomFrom, soakMany, soakOne } from "./soak.ts";

t.setTimeout(600_000);
t.jobs = 2;

const SECONDS = 3;
const NAMESPACES = 40;

for (const executable of executables) {
  t.test(`${executable.name}: PID 1 does not grow, and loses no signal`, { buffered: true }, async (t) => {
    const { summary, wrong } = await soakOne(executable, SECONDS);
    t.same(wrong, [], summary);
  });

  t.test(
    `${executable.name}: SIGTERM at any moment ends PID 1 with the right status`,
    { buffered: true },
    async (t) => {
      const { summary, wrong } = await soakMany(executable, NAMESPACES, randomFrom(1));
      t.same(wrong, [], summary);
    },
  );
}
