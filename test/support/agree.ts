// tsgosu and gosu, asked the same: thousands of user-specs against account files that nobody wrote, each program in a file
// system of its own, and each answer held to the rules of moby.ts.

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, BUILD, must, SetupError } from "../../scripts/host.ts";
import { damaged, type Random } from "../native/random.ts";
import { compiled } from "./compile.ts";
import {
  type AccountTexts,
  type Answer,
  AS_GOSU,
  answerTo,
  dockerAnswerTo,
  GOSU,
  RULES,
  type RuleName,
  TSGOSU,
} from "./moby.ts";

const NAMES = [
  "root",
  "app",
  "web",
  "a b",
  "1000",
  "#off",
  "nobody",
  "+5",
  "-1",
  "\xc3\xb6",
  "x0",
  "App",
  "\xc2\xa0app",
];
const NUMBERS = [
  "0",
  "7",
  "00",
  "1000",
  "01000",
  "2147483647",
  "2147483648",
  "4294967294",
  "4294967295",
  "4294967296",
  "9223372036854775808",
  "99999999999999999999",
  "",
  "x",
  "-1",
  "-2",
  "+7",
  " 7",
];
const HOMES = ["/", "/home/app", "", "/a b", "relative", "/\xff", "/nul\0here"];

function one(list: readonly string[], random: Random): string {
  return list[random.below(list.length)] ?? "";
}

/** User-specs, each once: names, numbers, both, and what nobody would write. */
export function specs(count: number, random: Random): string[] {
  const all = new Set(["", ":", "app", "app:", ":app", "app:app", "1000:1000", "app:web:root"]);
  while (all.size < count) {
    const user = random.below(3) === 0 ? one(NUMBERS, random) : one(NAMES, random);
    const group = random.below(2) === 0 ? one(NUMBERS, random) : one(NAMES, random);
    const plain = random.below(3) === 0 ? user : `${user}:${group}`;
    const spec = random.below(4) === 0 ? damaged(plain, random) : plain;
    // No word holds a NUL, and some words are options to gosu.
    if (!spec.includes("\0") && !/^(-h|--help|-v|--version|-\?)$/.test(spec) && spec.length < 300) all.add(spec);
  }
  return [...all];
}

const ORDINARY: AccountTexts = {
  passwd: "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000:The App,,,:/home/app:/bin/sh\nweb:x:7:8::/srv:\n",
  group: "root:x:0:\napp:x:1000:\nweb:x:8:app,web\nstaff:x:50:app,root\n",
};

/** Account files: ordinary ones, none, one with a long line, and such as nobody would write. */
export function files(count: number, random: Random): AccountTexts[] {
  const long = `${"x".repeat(66_000)}`;
  const all: AccountTexts[] = [
    ORDINARY,
    { passwd: undefined, group: undefined },
    { passwd: undefined, group: ORDINARY.group },
    { passwd: ORDINARY.passwd, group: undefined },
    { passwd: `${ORDINARY.passwd}long:x:9:9:${long}:/:\n`, group: ORDINARY.group },
    { passwd: ORDINARY.passwd, group: `long:x:9:${long},app\n${ORDINARY.group}` },
  ];
  while (all.length < count) all.push({ passwd: passwdBy(random), group: groupBy(random) });
  return all.slice(0, count);
}

function passwdBy(random: Random): string {
  let text = "";
  for (let left = random.below(12); left > 0; left--)
    text += `${one(NAMES, random)}:x:${one(NUMBERS, random)}:${one(NUMBERS, random)}::${one(HOMES, random)}:${ending(random)}`;
  return random.below(2) === 0 ? text : damaged(text, random);
}

function groupBy(random: Random): string {
  let text = "";
  for (let left = random.below(12); left > 0; left--) {
    let members = one(NAMES, random);
    for (let more = random.below(4); more > 0; more--) members += `,${one(NAMES, random)}`;
    text += `${one(NAMES, random)}:x:${one(NUMBERS, random)}:${members}${ending(random)}`;
  }
  return random.below(2) === 0 ? text : damaged(text, random);
}

function ending(random: Random): string {
  return one(["\n", "\n", "\n", "\n", "\r\n", " \n", "\xc2\xa0\n", "\n\n", "\n#", ""], random);
}

/** A program that takes a user-spec: where it stands in its file system, and the words before the user-spec. */
interface Program {
  readonly name: string;
  readonly words: readonly string[];
  readonly rules: ReadonlySet<RuleName>;
}

const PROGRAMS: readonly Program[] = [
  { name: "tsgosu", words: ["/tsgosu", "tsgosu", "--exec", "--"], rules: TSGOSU },
  { name: "tsgosu as gosu", words: ["/tsgosu", "gosu"], rules: AS_GOSU },
  { name: "gosu", words: ["/gosu", "gosu"], rules: GOSU },
];

/** Debian's gosu, taken out of its package, so that nothing is installed. */
export function gosu(): string {
  const directory = join(BUILD, "agree", "gosu");
  const program = join(directory, "usr/sbin/gosu");
  mkdirSync(directory, { recursive: true });
  must([
    "sh",
    "-c",
    `test -x ${program} || { cd ${directory} && apt-get download -q gosu && dpkg-deb -x gosu_*.deb .; }`,
  ]);
  return program;
}

/** What was found out. */
export interface Agreement {
  /** How often a program was run. */
  readonly runs: number;
  /** Answers that are not what the rules say: each is a mistake in a program, or in the rules. */
  readonly wrong: readonly string[];
  /** In how many cases gosu's answer is another than tsgosu's. */
  readonly differences: number;
  /** In how many of them a rule alone makes the difference, or part of it, and an example. */
  readonly byRule: ReadonlyMap<RuleName, { readonly count: number; readonly example: string }>;
}

/** Asks every program for every user-spec with every pair of files. Must be root. */
export function agree(tsgosu: string, allSpecs: readonly string[], allFiles: readonly AccountTexts[]): Agreement {
  if (process.getuid?.() !== 0) throw new SetupError("only root can make a file system for each program");
  mkdirSync(join(BUILD, "agree"), { recursive: true });
  const top = mkdtempSync(join(BUILD, "agree", "root-"));
  try {
    mkdirSync(join(top, "etc"));
    mkdirSync(join(top, "proc"));
    for (const [name, from] of [
      ["tsgosu", tsgosu],
      ["gosu", gosu()],
      ["agree", compiled("agree")],
    ] as const) {
      copyFileSync(from, join(top, name));
      chmodSync(join(top, name), 0o755);
    }
    chmodSync(top, 0o755);
    return compare(top, allSpecs, allFiles);
  } finally {
    rmSync(top, { recursive: true });
  }
}

/** So many wrong answers of a program are shown in full. */
const MOST_SHOWN = 8;

function compare(top: string, allSpecs: readonly string[], allFiles: readonly AccountTexts[]): Agreement {
  const wrong: string[] = [];
  const wrongOf = new Map<string, number>();
  const byRule = new Map<RuleName, { count: number; example: string }>();
  let runs = 0;
  let differences = 0;
  for (const accounts of allFiles) {
    writeAccounts(top, accounts);
    for (const program of PROGRAMS) {
      const told = run(top, program, allSpecs);
      for (const [i, spec] of allSpecs.entries()) {
        runs++;
        const expected = textOf(answerTo(spec, accounts, program.rules));
        const is = told[i] ?? "nothing";
        if (is === expected) continue;
        const count = (wrongOf.get(program.name) ?? 0) + 1;
        wrongOf.set(program.name, count);
        if (count <= MOST_SHOWN)
          wrong.push(`${program.name}: ${caseOf(spec, accounts)}\n    is: ${is}\n    should be: ${expected}`);
      }
    }
    for (const spec of allSpecs) {
      const ours = textOf(answerTo(spec, accounts, TSGOSU));
      if (ours === textOf(answerTo(spec, accounts, GOSU))) continue;
      differences++;
      for (const name of reasonsFor(spec, accounts)) {
        const known = byRule.get(name) ?? { count: 0, example: "" };
        byRule.set(name, { count: known.count + 1, example: known.example || spec });
      }
    }
  }
  for (const [name, count] of wrongOf) if (count > MOST_SHOWN) wrong.push(`${name}: ${count} wrong answers in all`);
  return { runs, wrong, differences, byRule };
}

/** The rules without which tsgosu would answer otherwise, or that would change gosu's answer. */
function reasonsFor(spec: string, accounts: AccountTexts): RuleName[] {
  const ours = textOf(answerTo(spec, accounts, TSGOSU));
  const theirs = textOf(answerTo(spec, accounts, GOSU));
  return RULES.map(({ name }) => name).filter((name) => {
    const without = new Set([...TSGOSU].filter((other) => other !== name));
    return (
      textOf(answerTo(spec, accounts, without)) !== ours || textOf(answerTo(spec, accounts, new Set([name]))) !== theirs
    );
  });
}

function writeAccounts(top: string, accounts: AccountTexts): void {
  for (const name of ["passwd", "group"] as const) {
    const text = accounts[name];
    rmSync(join(top, "etc", name), { force: true });
    if (text !== undefined) writeFileSync(join(top, "etc", name), text, "latin1");
  }
}

/** gosu asks /proc for its own file. The mount is gone with the mount namespace. */
const INSIDE = 'mount -t proc proc "$1/proc" && shift && exec chroot "$@"';

function run(top: string, program: Program, allSpecs: readonly string[]): string[] {
  const input = Buffer.from(allSpecs.map((spec) => `${spec}\0`).join(""), "latin1");
  const words = ["unshare", "--mount", "sh", "-c", INSIDE, "sh", top, top, "/agree", ...program.words];
  const { status, stdout, stderr } = spawnSync(words[0] ?? "", words.slice(1), { input, maxBuffer: 2 ** 28 });
  const told = stdout.toString("latin1").split("\0");
  if (status !== 0 || told.length !== allSpecs.length + 1)
    throw new SetupError(`${program.name}: ended with ${status} after ${told.length - 1} answers: ${stderr}`);
  return told;
}

/**
 * Files to ask Docker with. A group whose name is a number is left out: the runtime (runc's GetAdditionalGroups) takes the
 * number of another group for that name.
 */
export function dockerFiles(allFiles: readonly AccountTexts[], count: number): AccountTexts[] {
  return allFiles.filter(({ group }) => !/^\s*[0-9]+:/m.test(group ?? "")).slice(0, count);
}

/** What Docker's answers are: how many, those that are wrong, and which engine gave them. */
export interface DockerAgreement {
  readonly runs: number;
  readonly wrong: readonly string[];
  readonly engine: string;
}

/** Asks `docker run --user` the same, where a Docker daemon answers; undefined where none does. */
export function agreeWithDocker(
  allSpecs: readonly string[],
  allFiles: readonly AccountTexts[],
): DockerAgreement | undefined {
  const version = attempt(["docker", "version", "--format", "{{.Server.Version}}"], { timeout: 60_000 });
  if (version.code !== 0 || /podman/i.test(version.stdout + version.stderr)) return undefined;
  const wrong: string[] = [];
  let runs = 0;
  let strict: boolean | undefined;
  for (const accounts of allFiles) {
    const image = importImage(accounts);
    try {
      // The one question on which the two generations of engines differ, whatever the files say.
      strict ??= askDocker(image, "7:8:9") === "";
      for (const spec of allSpecs) {
        const is = askDocker(image, spec);
        const expected = textOf(dockerAnswerTo(spec, accounts, strict));
        runs++;
        if (is !== expected) wrong.push(`docker: ${caseOf(spec, accounts)}\n    is: ${is}\n    should be: ${expected}`);
      }
    } finally {
      attempt(["docker", "image", "rm", "--force", image]);
    }
  }
  return { runs, wrong, engine: version.stdout.trim() };
}

/** An image that has the account files, and the program that tells who it is. */
function importImage(accounts: AccountTexts): string {
  mkdirSync(join(BUILD, "agree"), { recursive: true });
  const top = mkdtempSync(join(BUILD, "agree", "image-"));
  try {
    mkdirSync(join(top, "etc"));
    copyFileSync(compiled("agree"), join(top, "agree"));
    chmodSync(join(top, "agree"), 0o755);
    chmodSync(top, 0o755);
    writeAccounts(top, accounts);
    return must(["sh", "-c", 'tar -C "$1" -c . | docker import -', "sh", top]).trim();
  } finally {
    rmSync(top, { recursive: true });
  }
}

function askDocker(image: string, spec: string): string {
  const words = ["run", "--rm", "--network", "none", `--user=${spec}`, image, "/agree"];
  return spawnSync("docker", words, { timeout: 120_000 }).stdout.toString("latin1");
}

/** As agree.c tells it; nothing where the command did not run. */
function textOf(answer: Answer): string {
  if (answer === "error") return "";
  const { uid, gid, groups, home } = answer;
  return `${uid},${uid},${uid} ${gid},${gid},${gid} ${groups.join(",")} ${home}`;
}

function caseOf(spec: string, accounts: AccountTexts): string {
  const shown = (text: string | undefined): string => JSON.stringify(text ?? null).slice(0, 1500);
  return `${JSON.stringify(spec)}\n    passwd: ${shown(accounts.passwd)}\n    group: ${shown(accounts.group)}`;
}
