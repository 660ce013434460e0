// The options of init, and the names of signals.

import t from "tap";
import { parseCommandLine, type Request } from "../../src/cli.ts";
import type { InitOptions } from "../../src/init/options.ts";
import { asksToEnd, heldSignals, isForwarded } from "../../src/init/signals.ts";
import { signalName, signalNumber } from "../../src/kernel/signals.ts";

function parse(...options: string[]): Request {
  const words = ["tsgosu", ...options, "app", "command", "-g"];
  return parseCommandLine({ count: words.length, at: (index) => words[index] ?? "" });
}

const GOOD: readonly [string[], Partial<InitOptions>][] = [
  [[], { killGroup: false, subreaper: false, okExits: [], rewrites: [], grace: undefined, orphans: "leave" }],
  [["-g"], { killGroup: true }],
  [["--kill-group", "--subreaper"], { killGroup: true, subreaper: true }],
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

void t.test("--parent-death", async (t) => {
  t.equal(parse("-pTERM").parentDeath, 15);
  t.equal(parse("--parent-death", "SIGKILL").parentDeath, 9);
  t.equal(parse().parentDeath, 0);
});

void t.test("what is understood", async (t) => {
  for (const [options, expected] of GOOD) {
    const request = parse(...options);
    t.match(request.init, expected, options.join(" "));
    t.equal(request.userSpec, "app", `${options.join(" ")}: the user-spec`);
    t.equal(request.firstWord, options.length + 2, `${options.join(" ")}: the command`);
  }
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

void t.test("letters that are not init's stay what they are", async (t) => {
  t.equal(parse("-h").action, "help");
  t.equal(parse("-v").action, "version");
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
