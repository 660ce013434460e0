// The options of init, and the names of signals.

import t from "tap";
import type { RunRequest } from "../../src/cli/request.ts";
import { Failure } from "../../src/failure.ts";
import { DEFAULT_INIT_OPTIONS, type InitOptions } from "../../src/init/options.ts";
import { asksToEnd, heldSignals, isForwarded } from "../../src/init/signals.ts";
import { signalName, signalNumber } from "../../src/kernel/signals.ts";
import { parseWords } from "../support/words.ts";

function parse(...options: string[]): RunRequest {
  const request = parseWords(["tsgosu", ...options, "app", "command", "-g"]);
  if (request.action !== "run") throw new Error(`${options.join(" ")}: ${request.action}`);
  return request;
}

const GOOD: readonly [string[], Partial<InitOptions>][] = [
  [[], {}],
  [["-g"], { killGroup: true }],
  [["--kill-group", "--subreaper"], { killGroup: true, subreaper: true }],
  [["-s"], { subreaper: true }],
  [["-gs"], { killGroup: true, subreaper: true }],
  [["-gse143"], { killGroup: true, subreaper: true, okExits: [143] }],
  [["-gse", "143"], { killGroup: true, subreaper: true, okExits: [143] }],
  [["-e", "0", "-e255", "--ok-exit", "7", "--ok-exit=8"], { okExits: [0, 255, 7, 8] }],
  [
    ["-r", "TERM:QUIT", "-r15:0", "--rewrite=HUP:RTMIN+1"],
    {
      rewrites: [
        { from: 15, to: 3 },
        { from: 15, to: 0 },
        { from: 1, to: 35 },
      ],
    },
  ],
  [["--grace", "10"], { grace: 10_000 }],
  [["--grace=0.25"], { grace: 250 }],
  [["--grace", "0"], { grace: 0 }],
  [["--grace", "1.5009"], { grace: 1500 }],
  [["--orphans", "leave"], { orphans: "leave" }],
  [["--orphans=stop"], { orphans: "stop" }],
  [["--orphans", "reap"], { orphans: "reap" }],
  [["--orphans", "reap", "--orphans", "leave"], { orphans: "leave" }],
];

void t.test("what is understood", async (t) => {
  for (const [options, expected] of GOOD) {
    const request = parse(...options);
    t.same(request.init, { ...DEFAULT_INIT_OPTIONS, ...expected }, options.join(" "));
    t.equal(request.mode, Object.keys(expected).length === 0 || isLeave(expected) ? "auto" : "init", options.join(" "));
    t.equal(request.userSpec, "app", `${options.join(" ")}: the user-spec`);
    t.equal(request.firstWord, options.length + 2, `${options.join(" ")}: the command`);
  }
});

/** `leave` is what becomes of orphans anyway: no init is needed for it. */
function isLeave({ orphans }: Partial<InitOptions>): boolean {
  return orphans === "leave";
}

void t.test("the death of the parent concerns every command", async (t) => {
  for (const options of [["-pTERM"], ["-p", "15"], ["--parent-death", "SIGTERM"], ["-p", "KILL", "-p", "TERM"]])
    t.match(parse(...options), { parentDeath: 15, mode: "auto", init: DEFAULT_INIT_OPTIONS }, options.join(" "));
  t.match(parse("-gpKILL"), { parentDeath: 9, mode: "init" });
  t.match(parse("--exec", "-pTERM"), { parentDeath: 15, mode: "exec" });
  t.equal(parse().parentDeath, 0);
});

void t.test("an option of init and --exec", async (t) => {
  const both = { code: 125, message: /^--exec and an option of init: .* --kill-group, --grace would/ };
  t.throws(() => parse("--exec", "-g", "--grace", "3", "--orphans", "leave"), both);
  t.throws(() => parse("-g", "--grace=3", "--exec"), both);
  t.equal(parse("--exec", "--orphans", "stop", "--orphans", "leave").mode, "exec");
  t.equal(parse("--init", "-g").mode, "init");
});

const BAD: readonly string[][] = [
  ["-e256"],
  ["-e", "-1"],
  ["-e", ""],
  ["--ok-exit=x"],
  ["-p", "0"],
  ["-p65"],
  ["-pNOSUCH"],
  ["-r", "TERM"],
  ["-r", "10"],
  ["-r", "TERM:"],
  ["-r", ":TERM"],
  ["-r", "KILL:TERM"],
  ["-r", "CHLD:0"],
  ["-r", "TERM:65"],
  ["-r", "TERM:00:0"],
  ["--grace", "-1"],
  ["--grace", "1s"],
  ["--grace", "."],
  ["--grace", "2000001"],
  ["--orphans", "kill"],
  ["--kill-group=yes"],
  ["-x"],
  ["-gx"],
  ["-gh"],
  ["--gracefully", "1"],
];

void t.test("what is refused", async (t) => {
  for (const options of BAD) t.throws(() => parse(...options), { code: 125 }, options.join(" "));
});

void t.test("a bad value is named with its option, and the hint says what this option takes", async (t) => {
  const table: readonly [string[], string, RegExp][] = [
    [["-e256"], "--ok-exit '256': invalid value", /^CODE is .*0 to 255$/],
    [["-r", "CHLD:0"], "--rewrite 'CHLD:0': invalid value", /^FROM is a signal .* TO /],
    [["-pNOSUCH"], "--parent-death 'NOSUCH': invalid value", /^SIGNAL is .*TERM/],
    [["--grace", "10s"], "--grace '10s': invalid value", /^SECONDS is .*2000000 without a unit/],
    [["--orphans=kill"], "--orphans 'kill': invalid value", /leave, stop or reap$/],
    [["--caps", "nosuch"], "--caps 'nosuch': there is no capability 'nosuch'", /^give none, all, or names/],
  ];
  for (const [options, message, hint] of table) {
    try {
      parse(...options);
      t.fail(options.join(" "));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      t.equal(error.message, message);
      t.match(error.hint, hint);
    }
  }
});

void t.test("signals by name and number", async (t) => {
  for (let signal = 1; signal <= 31; signal++) {
    t.equal(signalNumber(signalName(signal)), signal);
    t.equal(signalNumber(signalName(signal).slice(3)), signal);
  }
  t.strictSame(
    ["RTMIN", "SIGRTMIN", "RTMIN+0", "RTMIN+30", "RTMAX", "SIGRTMAX-14", "64", "33"].map(signalNumber),
    [34, 34, 34, 64, 64, 50, 64, 33],
  );
  for (const word of [
    "",
    "SIG",
    "0",
    "65",
    "term",
    "SIGSIGTERM",
    "RTMIN-1",
    "RTMIN+31",
    "RTMIN+",
    "RTMAX+1",
    "SIG15",
    "1.5",
    "-9",
  ])
    t.equal(signalNumber(word), 0, `'${word}'`);
});

void t.test("which signals are held and forwarded", async (t) => {
  const held = heldSignals();
  t.equal(new Set(held).size, held.length);
  for (let signal = 1; signal <= 64; signal++)
    t.equal(held.includes(signal), isForwarded(signal) || signal === 17, `${signal}`);
  t.strictSame([1, 2, 3, 9, 10, 15, 17].filter(asksToEnd), [1, 2, 3, 15]);
});
