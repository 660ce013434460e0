import { equal } from "node:assert/strict";
import { test } from "node:test";

test("the tests run as the user, with nothing to gain", () => {
  equal(process.getuid(), 10001);
});
