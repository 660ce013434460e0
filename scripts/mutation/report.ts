// docs/mutation.md: how many mutants the unit tests kill, and why the others survive.

import type { MutantResult } from "@stryker-mutator/api/core";

/** What became of the mutants of one file or one room. */
export interface Score {
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  /** No program: the compiler refuses it. These are not counted. */
  readonly refused: number;
}

/** A survivor by its name, and why it survives. */
export interface Survivor {
  readonly name: string;
  readonly reason: string;
}

/** Counts. A mutant that no test reaches survives; one that makes a test run for ever, or break the process, is found. */
export function scoreOf(mutants: readonly Pick<MutantResult, "status">[]): Score {
  const count = (...statuses: readonly MutantResult["status"][]): number =>
    mutants.filter(({ status }) => statuses.includes(status)).length;
  return {
    killed: count("Killed", "RuntimeError"),
    timedOut: count("Timeout"),
    survived: count("Survived", "NoCoverage"),
    refused: count("CompileError"),
  };
}

/** The share of mutants that are found, of those that are programs; from 0 to 100. */
export function percentage({ killed, timedOut, survived }: Score): number {
  const all = killed + timedOut + survived;
  return all === 0 ? 100 : (100 * (killed + timedOut)) / all;
}

/** The document. `scores` are those of the files, by name. */
export function mutationText(scores: ReadonlyMap<string, Score>, survivors: readonly Survivor[]): string {
  const rooms = [...scores.keys()].map((file) => file.split("/")[1] ?? "");
  const total = sum([...scores.values()]);
  const lines = [
    "# Mutation",
    "",
    "Written by `npm run mutate`. StrykerJS changes the decisions of `src/accounts`, `src/match`,",
    "`src/privilege` and `src/init` in one place at a time: conditions, comparisons, arithmetic, literals, calls, blocks. Each such",
    "mutant meets the unit tests, which have no privilege and no real kernel; a test that fails, or never ends, has killed it.",
    "A mutant that the compiler refuses is no program and is not counted. Container tests, fuzzers and fault injection",
    "(`test/faults`) have no part in these figures. A property meets at most 200 random inputs here.",
    "",
    `${total.killed + total.timedOut} of ${total.killed + total.timedOut + total.survived} mutants are killed: ${percentage(total).toFixed(1)} %. Some ran too long, which on a busy machine may`,
    `have that reason alone; if none of these counted as killed, it would be ${percentage(withoutSlow(total)).toFixed(1)} %.`,
    "",
    "| file | killed | ran too long | survived | killed, % | no program |",
    "|---|---:|---:|---:|---:|---:|",
    ...[...new Set(rooms)].flatMap((room) => {
      const files = [...scores].filter(([file]) => file.startsWith(`src/${room}/`));
      return [
        row(`**src/${room}**`, sum(files.map(([, score]) => score))),
        ...files.map(([file, score]) => row(file, score)),
      ];
    }),
    row("**all**", total),
    "",
    "## What survives, and why",
    "",
    ...[...Map.groupBy(survivors, ({ reason }) => reason)].flatMap(([reason, mutants]) => [
      `### ${reason}`,
      "",
      ...mutants.map(({ name }) => `- ${asCode(name)}`),
      "",
    ]),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}

/** The score if every mutant that ran too long had survived. */
function withoutSlow(score: Score): Score {
  return { ...score, timedOut: 0, survived: score.survived + score.timedOut };
}

function sum(scores: readonly Score[]): Score {
  const total = (kind: keyof Score): number => scores.reduce((before, score) => before + score[kind], 0);
  return {
    killed: total("killed"),
    timedOut: total("timedOut"),
    survived: total("survived"),
    refused: total("refused"),
  };
}

function row(name: string, score: Score): string {
  const { killed, timedOut, survived, refused } = score;
  return `| ${name} | ${killed} | ${timedOut} | ${survived} | ${percentage(score).toFixed(1)} | ${refused} |`;
}

/** As code in Markdown, whatever stands in it. */
function asCode(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
