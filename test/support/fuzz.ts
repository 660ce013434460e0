// Inputs that nobody wrote, for everything that reads text from outside: samples of the real thing, damaged at random.
// The same seed gives the same inputs.

import { findGroup, groupsOf } from "../../src/accounts/group.ts";
import { findUser, resolveIdentity } from "../../src/accounts/identity.ts";
import { accountNamed, accountWithId } from "../../src/accounts/passwd.ts";
import { MAX_ID, parseUserSpec } from "../../src/accounts/spec.ts";
import { explain } from "../../src/check/explain.ts";
import { seccompMode, statusField } from "../../src/check/posture.ts";
import { explanationText } from "../../src/check/print.ts";
import { Failure, failureLines } from "../../src/failure.ts";
import { parseCapabilities } from "../../src/privilege/capabilities.ts";
import { describeRanges, isMapped, parseIdMap } from "../../src/privilege/idmap.ts";
import { bytesOf } from "../../src/text.ts";
import { parseWords } from "./words.ts";

export interface Target {
  readonly name: string;
  readonly samples: readonly string[];
  /** Reads the input. Throws tsgosu's own Failure where it is refused, anything else where the reader is wrong. */
  read(input: string): void;
}

const PASSWD = `root:x:0:0:root:/root:/bin/bash
app:x:1000:1000:The App,,,:/home/app:/bin/sh
#off:x:1:1::/:
app:x:0:0:::
::0:0:::
big:x:4294967294:4294967294::/:
odd:x:4294967295:-1::/:
a b:x:1008:1008::/space:\r
`;
const GROUP = `root:x:0:
app:x:1000:app
staff:x:50:app,root,,app
wide:x:4294967294:app:more
:x:0:app
`;

export const targets: readonly Target[] = [
  {
    name: "command line",
    samples: [
      "tsgosu --exec --login --caps chown,10 -- app:staff sh -c id",
      "tsgosu -gse143 -r TERM:QUIT --rewrite=HUP:0 --grace 0.5 --orphans reap -pKILL 1000 x",
      "tsgosu --match /app --chown=/data --no-chown --restricted --verbose app x",
      "tsgosu --check --json app",
      "gosu app x --",
    ],
    read(input) {
      const words = input.split(" ");
      const request = parseWords(words);
      if (request.action !== "run") return;
      const { userSpec, firstWord, init, parentDeath } = request;
      holds(firstWord < words.length && words[firstWord - 1] === userSpec);
      holds(init.okExits.every((code) => Number.isInteger(code) && code >= 0 && code <= 255));
      holds(init.rewrites.every(({ from, to }) => from >= 1 && from <= 64 && to >= 0 && to <= 64));
      holds(init.grace === undefined || (init.grace >= 0 && init.grace <= 2e9));
      holds(parentDeath >= 0 && parentDeath <= 64);
    },
  },
  {
    name: "user-spec",
    samples: ["app", "app:staff", "1000:1000", ":", "root:", "4294967294", "4294967295:0", "0x0", "-1", " 0", "00"],
    read(input) {
      const { user, group } = parseUserSpec(input);
      for (const half of [user, group]) {
        if (half.kind === "id") isId(half.id);
        if (half.kind === "name") holds(half.name !== "" && !half.name.includes(":") && !/^[0-9]+$/.test(half.name));
      }
    },
  },
  {
    name: "passwd",
    samples: [PASSWD],
    read(input) {
      const bytes = bytesOf(input);
      const byName = accountNamed(bytes, "app");
      const byId = accountWithId(bytes, 0);
      if (byName !== undefined) holds(byName.name === "app" && input.includes("app:"));
      if (byId !== undefined) holds(byId.uid === 0 && /^[^:\n\0]+$/.test(byId.name));
      for (const account of [byName, byId]) if (account !== undefined) [account.uid, account.gid].forEach(isId);
    },
  },
  {
    name: "group",
    samples: [GROUP],
    read(input) {
      const bytes = bytesOf(input);
      const gid = findGroup(bytes, "app");
      holds(gid === -1 || (gid >= 0 && gid <= MAX_ID));
      const gids = groupsOf(bytes, "app");
      gids.forEach(isId);
      holds(new Set(gids).size === gids.length);
    },
  },
  {
    name: "identity",
    samples: [`app\x01${PASSWD}\x01${GROUP}`, `app:staff\x01${PASSWD}\x01${GROUP}`, `:\x01${PASSWD}\x01${GROUP}`],
    read(input) {
      const [words = "", passwd = "", group = ""] = input.split("\x01");
      const spec = parseUserSpec(words);
      const user = findUser(spec, { path: "/etc/passwd", exists: true, bytes: bytesOf(passwd) }, 7);
      const groups = { path: "/etc/group", exists: true, bytes: bytesOf(group) };
      const identity = resolveIdentity(spec, user, groups, 8);
      [identity.uid, identity.gid, ...identity.groups].forEach(isId);
      if (spec.user.kind === "id") holds(identity.uid === spec.user.id);
      if (spec.user.kind === "none") holds(identity.uid === 7);
      if (spec.group.kind === "id") holds(identity.gid === spec.group.id);
      if (spec.group.kind !== "none") holds(identity.groups.length === 0);
    },
  },
  {
    name: "status",
    samples: [
      "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n",
    ],
    read(input) {
      const field = statusField(input, "Seccomp");
      holds(field === "" || `\n${input}\n`.includes(`\nSeccomp:\t${field}\n`));
      holds((seccompMode(field) === "unknown") !== ["0", "1", "2"].includes(field));
    },
  },
  {
    name: "uid_map",
    samples: ["         0          0 4294967295\n", "0 100000 65536\n65536 1000 1\n", "0 1000 1\n1 100000 65536\n"],
    read(input) {
      const ranges = parseIdMap(input);
      holds(ranges.every((range) => range.inside >= 0 && range.outside >= 0 && range.length > 0));
      isMapped(ranges, 1000);
      describeRanges(ranges);
    },
  },
  {
    name: "capabilities",
    samples: ["none", "all", "net_bind_service,chown", "CAP_SYS_ADMIN", "0,40,39", "cap_chown", "10,010"],
    read(input) {
      const set = parseCapabilities(input, 2 ** 41 - 1);
      holds(Number.isSafeInteger(set) && set >= 0 && set < 2 ** 41);
    },
  },
  {
    name: "message",
    samples: [
      'container has runAsNonRoot and image has non-numeric user (app), cannot verify (pod: "a_b(c)", container: web)',
      'pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (containers "a", "b" must',
      "chown: changing ownership of '/data': Operation not permitted",
      'exec: "/entrypoint.sh": permission denied',
      "PermissionError: [Errno 13] Permission denied: '/x'\nEROFS: read-only file system, mkdir '/cache'",
      "tsgosu: cannot become 1:1 with groups 5: tsgosu runs as 1000:1000, and only root may switch",
    ],
    read(input) {
      const explanations = explain(input, () => 1000);
      for (const { cause, fix } of explanations) {
        holds(cause !== "" && fix !== "");
        if (!input.includes("<")) holds(!cause.includes("<") && !fix.includes("<"));
      }
      const lines = explanationText(explanations).split("\n");
      holds(lines.length === Math.max(2, 2 * explanations.length + 1) && lines.at(-1) === "");
    },
  },
];

function isId(id: number): void {
  holds(Number.isInteger(id) && id >= 0 && id <= MAX_ID);
}

function holds(condition: boolean): void {
  if (!condition) throw new Error("an invariant does not hold");
}

/** What a fuzz run found. */
export interface Findings {
  readonly inputs: number;
  readonly refused: number;
  /** Processor time, which does not grow with other work on the machine. */
  readonly slowestMs: number;
  /** Inputs on which something other than a Failure was thrown, at most ten. */
  readonly wrong: readonly string[];
}

/** Feeds `count` inputs to the target. */
export function fuzz(target: Target, count: number, seed: number): Findings {
  const random = generator(seed);
  const wrong: string[] = [];
  let refused = 0;
  let slowestMs = 0;
  for (let i = 0; i < count && wrong.length < 10; i++) {
    const input = damaged(target.samples[random(target.samples.length)] ?? "", random);
    const begin = process.threadCpuUsage();
    try {
      target.read(input);
    } catch (error) {
      if (error instanceof Failure && isTwoLines(error)) refused++;
      else wrong.push(`${JSON.stringify(input)}: ${error}`);
    }
    const { user, system } = process.threadCpuUsage(begin);
    slowestMs = Math.max(slowestMs, (user + system) / 1000);
  }
  return { inputs: count, refused, slowestMs, wrong };
}

/** However odd the input, an error is one line, and a hint another. */
function isTwoLines(failure: Failure): boolean {
  return /^tsgosu: [^\n]*\n(tsgosu: hint: [^\n]*\n)?$/.test(failureLines(failure.message, failure.hint));
}

type Random = (below: number) => number;

/** Mulberry32: small, and good enough to damage text with. */
function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const MEANT: readonly string[] = [
  ":",
  "::",
  "\n",
  "\r\n",
  "\0",
  ",",
  "-",
  "+",
  "#",
  " ",
  "\t",
  "x",
  "0",
  "00",
  "1000",
  "4294967294",
  "4294967295",
  "4294967296",
  "18446744073709551616",
  "99999999999999999999999999",
  "root",
  "app",
  "\xff",
  "\xc3\xb6",
  "\x1b[31m",
  "cap_",
  "CAP_",
  "none",
  "all",
  "(",
  ")",
  '"',
  "'",
  "\\",
  "<",
  ">",
  "|",
  "1e3",
  "0x10",
  "Seccomp:\t",
  "NaN",
  "Infinity",
];

function damaged(sample: string, random: Random): string {
  let text = sample;
  for (let times = random(6); times > 0; times--) {
    const at = random(text.length + 1);
    const end = Math.min(text.length, at + random(8));
    switch (random(6)) {
      case 0:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 1:
        text = text.slice(0, at) + String.fromCharCode(random(256)) + text.slice(at + 1);
        break;
      case 2:
        text = text.slice(0, at) + (MEANT[random(MEANT.length)] ?? "") + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at) + text.slice(at, end).repeat(1 + random(20)) + text.slice(end);
        break;
      case 4:
        text = text.slice(0, at);
        break;
      default:
        text = text.slice(at) + text.slice(0, at);
    }
  }
  return text;
}
