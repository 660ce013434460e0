// Where the native fuzzer starts.

import { millisecondsOf } from "../../src/kernel/layout.ts";
import { StaticCalls } from "../../src/kernel/static/calls.ts";
import { staticKernel } from "../../src/kernel/static/kernel.ts";
import { bytesOf } from "../../src/text.ts";
import { perform, taskOf } from "./harness.ts";

const CLOCK_PROCESS_CPUTIME_ID = 2;

const kernel = staticKernel();
const calls = new StaticCalls();
const timespec = new Uint8Array(16);

function tell(line: string): void {
  kernel.write(1, bytesOf(`${line}\n`));
}

function clock(): number {
  calls.clock_gettime(CLOCK_PROCESS_CPUTIME_ID, timespec);
  return millisecondsOf(timespec);
}

const words: string[] = [];
for (let i = 1; i < kernel.argumentCount(); i++) words.push(kernel.argument(i));
perform(taskOf(words), tell, clock);
