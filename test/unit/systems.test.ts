// How the instructions of a README are held to what came (scripts/systems.ts), and who is busy (scripts/idle.ts).

import { spawn } from "node:child_process";
import t, { type Test } from "tap";
import { busyness } from "../../scripts/idle.ts";
import { compare, type Followed, instructionsIn, whatWentWrong } from "../../scripts/systems.ts";

const NOTHING = { missing: [], unexpected: [] };

t.test("an output is what was expected, in its order", async (t) => {
  t.same(compare([], "", ""), NOTHING);
  t.same(compare(["one", "two"], "one\ntwo\n", ""), NOTHING);
  t.same(compare(["a  b"], " a b\n\n", ""), NOTHING, "blanks do not count");
  t.same(compare(["… of …"], "one of two\n", ""), NOTHING);
  t.same(compare(["one", "two"], "two\none\n", ""), { missing: ["two"], unexpected: ["two"] });
  t.same(compare(["one"], "one\none\n", ""), { missing: [], unexpected: ["one"] });
  t.same(compare([], "a surprise\n", ""), { missing: [], unexpected: ["a surprise"] });
});

t.test("… alone is one line or more, up to the line that is expected next", async (t) => {
  t.same(compare(["…"], "one\ntwo\n", ""), NOTHING);
  t.same(compare(["…", "end"], "one\ntwo\nend\n", ""), NOTHING);
  t.same(compare(["…"], "", ""), { missing: ["…"], unexpected: [] });
  t.same(compare(["…", "end"], "one\nend\nmore\n", ""), { missing: [], unexpected: ["more"] });
});

t.test("every line of standard error has to be expected, and is never part of …", async (t) => {
  t.same(compare(["…"], "one\n", "E: sleep: not found\n"), { missing: [], unexpected: ["E: sleep: not found"] });
  t.same(compare(["…"], "", "an error\n"), { missing: ["…"], unexpected: ["an error"] });
  t.same(compare(["one", "a notice"], "one\n", "a notice\n"), NOTHING);
  t.same(compare(["a notice"], "", "a notice\na notice\n"), { missing: [], unexpected: ["a notice"] });
});

t.test("what went wrong names each thing that did", async (t) => {
  const right: Followed = { command: "c", expected: ["x"], code: 0, stdout: "x\n", stderr: "", services: ["s: idle"] };
  t.equal(whatWentWrong(right), "");
  const cases: readonly (readonly [Partial<Followed>, string])[] = [
    [{ code: 3 }, "ended with 3"],
    [{ code: -1 }, "had not ended after"],
    [{ stdout: "" }, "did not print: x"],
    [{ stderr: "oh\n" }, "printed unexpectedly: oh"],
    [{ services: ["s: uses 40 % of a CPU while it should wait"] }, "s: uses 40 %"],
    [{ services: ["Error: docker ps failed"] }, "Error: docker ps failed"],
  ];
  for (const [what, line] of cases) t.ok(whatWentWrong({ ...right, ...what }).includes(`\n${line}`), line);
});

t.test("a README's commands and what they print", async (t) => {
  const readme = "text\n```sh\nfirst \\\n  more\n# …\n# its end\nsecond\n```\n```dockerfile\nRUN no\n```\n";
  t.same(instructionsIn(readme), [
    { command: "first \\\n  more", expected: ["…", "its end"] },
    { command: "second", expected: [] },
  ]);
});

/** How busy a shell with this script is, from when the script has said that it runs; ends both. */
async function busynessOf(t: Test, script: string, intervals: number): Promise<string> {
  const child = spawn("sh", ["-c", `echo up; ${script}`], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  const { pid } = child;
  if (pid === undefined) throw new Error("sh does not start");
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const busy = await busyness(pid, intervals);
  t.equal(child.exitCode, null, "it still runs");
  process.kill(-pid, "SIGKILL");
  return busy;
}

t.test("who waits is idle, who spins is busy, and so is who starts programs that spin", async (t) => {
  const who = {
    waits: "exec sleep 1000",
    "waits for a child that waits": "sleep 1000 & wait",
    spins: "while :; do :; done",
    "starts one program after the other": "while :; do /bin/true; done",
    "waits for a child that spins": "sh -c 'while :; do :; done' & wait",
  };
  for (const [name, script] of Object.entries(who)) {
    const isBusy = /spin|starts/.test(name);
    // Two quiet intervals are what it takes to be idle; who waits may be granted more, on a machine with much other work.
    t.match(await busynessOf(t, script, isBusy ? 2 : 10), isBusy ? /^uses \d+ % of a CPU/ : /^$/, name);
  }
});
