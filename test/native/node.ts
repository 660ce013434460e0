// Where the fuzzer starts in Node, with the same words as the native one.

import { writeSync } from "node:fs";
import { perform, taskOf } from "./harness.ts";

function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

function clock(): number {
  const { user, system } = process.cpuUsage();
  return Math.floor((user + system) / 1000);
}

perform(taskOf(process.argv.slice(2)), tell, clock);
