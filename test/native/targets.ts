// Everything that reads what comes from outside, each as a function from an input to an answer. The same functions run in
// Node and in native code, and must give the same answers. They throw tsgosu's own Failure where the input is refused, and
// anything else where the reader is wrong.

import { findGroup, groupsOf } from "../../src/accounts/group.ts";
import { findUser, type Identity, resolveIdentity } from "../../src/accounts/identity.ts";
import { type Account, accountNamed, accountWithId } from "../../src/accounts/passwd.ts";
import { MAX_ID, parseUserSpec, type Wanted } from "../../src/accounts/spec.ts";
import { explain } from "../../src/check/explain.ts";
import { seccompMode, statusField } from "../../src/check/posture.ts";
import { explanationText } from "../../src/check/print.ts";
import { parseCommandLine } from "../../src/cli/names.ts";
import type { Settings } from "../../src/cli/request.ts";
import type { InitOptions } from "../../src/init/options.ts";
import { entriesOf, namesOf } from "../../src/kernel/layout.ts";
import { planEdits } from "../../src/match/plan.ts";
import { describeCapabilities, parseCapabilities } from "../../src/privilege/capabilities.ts";
import { describeRanges, isMapped, parseIdMap } from "../../src/privilege/idmap.ts";
import { bytesOf, itemOf, textOf } from "../../src/text.ts";
import { superviseBy } from "./init.ts";
import { holds } from "./invariant.ts";
import { damaged, noise, type Random, Tape } from "./random.ts";
import { startBy } from "./start.ts";
import { walkBy } from "./walk.ts";

export interface Target {
  readonly name: string;
  readonly input: (random: Random) => string;
  readonly read: (input: string) => string;
}

/** A reader that is wrong, so that it can be seen that the fuzzers find what they look for. */
export function brokenTarget(): Target {
  return { name: "broken", input: (random) => damagedOne(SPECS, random), read: readBroken };
}

/** Throws what no reader may throw, and asks for a byte beyond the end, which Node has an answer for and native code has not. */
function readBroken(input: string): string {
  const bytes = bytesOf(input);
  if (input.startsWith("00")) throw new Error("this reader is wrong");
  return `${bytes[input.startsWith("app:") ? bytes.length : 0] ?? 0}`;
}

/** All targets. */
export function targets(): readonly Target[] {
  return [
    { name: "options", input: (random) => damagedOne(COMMAND_LINES, random), read: readCommandLine },
    { name: "user-spec", input: (random) => damagedOne(SPECS, random), read: readUserSpec },
    { name: "passwd", input: (random) => damaged(PASSWD, random), read: readPasswd },
    { name: "group", input: (random) => damaged(GROUP, random), read: readGroup },
    { name: "identity", input: accountsFor, read: readIdentity },
    { name: "edits", input: accountsFor, read: readEdits },
    { name: "status", input: (random) => damaged(STATUS, random), read: readStatusFile },
    { name: "id-map", input: (random) => damagedOne(ID_MAPS, random), read: readMap },
    { name: "capabilities", input: (random) => damagedOne(CAPABILITIES, random), read: readCapabilities },
    { name: "message", input: (random) => damagedOne(MESSAGES, random), read: readMessage },
    { name: "supervisor", input: (random) => noise(80, random), read: (input) => superviseBy(new Tape(input)) },
    { name: "directory", input: directoryBytes, read: readDirectory },
    { name: "attributes", input: (random) => damaged(ATTRIBUTES, random), read: readAttributes },
    { name: "reown", input: (random) => noise(300, random), read: (input) => walkBy(new Tape(input)) },
    { name: "start", input: (random) => noise(300, random), read: (input) => startBy(new Tape(input)) },
  ];
}

function damagedOne(samples: readonly string[], random: Random): string {
  return damaged(itemOf(samples, random.below(samples.length)), random);
}

const COMMAND_LINES: readonly string[] = [
  "tsgosu --exec --login --caps chown,10 -- app:staff sh -c id",
  "tsgosu -gse143 -r TERM:QUIT --rewrite=HUP:0 --grace 0.5 --orphans reap -pKILL 1000 x",
  "tsgosu --match /app --chown=/data --no-chown --restricted --verbose app x",
  "tsgosu --check --json app",
  "gosu app x --",
  "su-exec app x",
];

const SPECS: readonly string[] = [
  "app",
  "app:staff",
  "1000:1000",
  ":",
  "root:",
  "4294967294",
  "4294967295:0",
  "0x0",
  "-1",
  " 0",
  "00",
];

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

/** A user-spec, a passwd and a group file, and a digit that decides; a byte 0x01 between them. */
function accountsFor(random: Random): string {
  const spec = damagedOne(SPECS, random);
  const passwd = damaged(PASSWD, random);
  const group = damaged(GROUP, random);
  return `${spec}\x01${passwd}\x01${group}\x01${random.below(10)}`;
}

const STATUS =
  "Name:\tx\nUid:\t0\t0\t0\t0\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\nSeccomp_filters:\t1\n";

const ID_MAPS: readonly string[] = [
  "         0          0 4294967295\n",
  "0 100000 65536\n65536 1000 1\n",
  "0 1000 1\n1 100000 65536\n",
];

const CAPABILITIES: readonly string[] = [
  "none",
  "all",
  "net_bind_service,chown",
  "CAP_SYS_ADMIN",
  "0,40,39",
  "cap_chown",
  "10,010",
];

const MESSAGES: readonly string[] = [
  'container has runAsNonRoot and image has non-numeric user (app), cannot verify (pod: "a_b(c)", container: web)',
  'pods "web" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot != true (containers "a", "b" must',
  "chown: changing ownership of '/data': Operation not permitted",
  'exec: "/entrypoint.sh": permission denied',
  "PermissionError: [Errno 13] Permission denied: '/x'\nEROFS: read-only file system, mkdir '/cache'",
  "tsgosu: cannot become 1:1 with groups 5: tsgosu runs as 1000:1000, and only root may switch",
];

const ATTRIBUTES = "security.selinux\0user.note\0\0security.capability\0system.posix_acl_access\0";

function readCommandLine(input: string): string {
  const words = input.split(" ");
  const request = parseCommandLine({
    count: words.length,
    at: (index: number): string => {
      holds(index >= 0 && index < words.length, "a word is asked for that is there");
      return itemOf(words, index);
    },
    variable: (): string | undefined => undefined,
  });
  switch (request.action) {
    case "run":
      holds(request.firstWord < words.length, "there is a command");
      holds(itemOf(words, request.firstWord - 1) === request.userSpec, "the user-spec stands before the command");
      holds(request.parentDeath >= 0 && request.parentDeath <= 64, "--parent-death is a signal");
      return `run ${request.firstWord} ${request.mode} ${request.parentDeath} ${initText(request.init)} ${settingsText(request.settings)}`;
    case "check":
      return `check ${request.userSpec ?? "-"} ${request.json} ${settingsText(request.settings)}`;
    default:
      return request.action;
  }
}

function initText(init: InitOptions): string {
  let text = `${init.killGroup} ${init.subreaper} ${init.orphans} ${init.grace ?? "-"}`;
  for (const code of init.okExits) {
    holds(Number.isInteger(code) && code >= 0 && code <= 255, "--ok-exit is an exit code");
    text += ` e${code}`;
  }
  for (const rewrite of init.rewrites) {
    holds(rewrite.from >= 1 && rewrite.from <= 64 && rewrite.to >= 0 && rewrite.to <= 64, "--rewrite has signals");
    text += ` r${rewrite.from}:${rewrite.to}`;
  }
  holds(init.grace === undefined || (init.grace >= 0 && init.grace <= 2000000000), "--grace is in its range");
  return text;
}

function settingsText(settings: Settings): string {
  const { ifRoot, login, keepStdioOwner, match, noChown, chown, noNewPrivs, caps, restricted, verbose } = settings;
  return `${ifRoot} ${login} ${keepStdioOwner} ${match} ${noChown} ${chown.join(";")} ${noNewPrivs} ${caps} ${restricted} ${verbose}`;
}

function readUserSpec(input: string): string {
  const { user, group } = parseUserSpec(input);
  return `${wantedText(user)} ${wantedText(group)}`;
}

function wantedText(wanted: Wanted): string {
  switch (wanted.kind) {
    case "none":
      return "none";
    case "id":
      isId(wanted.id);
      return `id ${wanted.id}`;
    case "name":
      holds(wanted.name !== "" && !wanted.name.includes(":"), "a name has no colon");
      return `name ${wanted.name}`;
  }
}

function readPasswd(input: string): string {
  const bytes = bytesOf(input);
  const byName = accountNamed(bytes, "app");
  const byId = accountWithId(bytes, 0);
  if (byName !== undefined) holds(byName.name === "app" && input.includes("app:"), "the account is the one asked for");
  if (byId !== undefined) {
    holds(byId.uid === 0 && byId.name !== "", "the account has the UID that was asked for");
    for (const ends of [":", "\n", "\0"]) holds(!byId.name.includes(ends), "a name ends where the field does");
  }
  return `${accountText(byName)} ${accountText(byId)}`;
}

function accountText(account: Account | undefined): string {
  if (account === undefined) return "nobody";
  isId(account.uid);
  isId(account.gid);
  return `${account.name} ${account.uid} ${account.gid} ${account.home} ${account.shell}`;
}

function readGroup(input: string): string {
  const bytes = bytesOf(input);
  const gid = findGroup(bytes, "app");
  holds(gid === -1 || (gid >= 0 && gid <= MAX_ID), "a GID is in its range");
  const gids = groupsOf(bytes, "app");
  eachOnce(gids);
  return `${gid} ${gids.join(",")}`;
}

function eachOnce(gids: readonly number[]): void {
  const known = new Set<number>();
  for (const gid of gids) {
    isId(gid);
    holds(!known.has(gid), "a group is there once");
    known.add(gid);
  }
}

function readIdentity(input: string): string {
  const parts = input.split("\x01");
  const spec = parseUserSpec(itemOf(parts, 0));
  const passwd = { path: "/etc/passwd", exists: true, bytes: bytesOf(itemOf(parts, 1)) };
  const group = { path: "/etc/group", exists: true, bytes: bytesOf(itemOf(parts, 2)) };
  const identity: Identity = resolveIdentity(spec, findUser(spec, passwd, 7), group, 8);
  isId(identity.uid);
  isId(identity.gid);
  eachOnce(identity.groups);
  if (spec.user.kind === "id") holds(identity.uid === spec.user.id, "a UID is that of the user-spec");
  if (spec.user.kind === "none") holds(identity.uid === 7, "without a user, the UID is the current one");
  if (spec.group.kind === "id") holds(identity.gid === spec.group.id, "a GID is that of the user-spec");
  if (spec.group.kind !== "none")
    for (const gid of identity.groups) holds(gid === identity.gid, "with a group there is no other");
  return `${identity.uid} ${identity.gid} ${identity.groups.join(",")} ${identity.home} ${identity.name} ${identity.shell}`;
}

function readEdits(input: string): string {
  const parts = input.split("\x01");
  const passwd = bytesOf(itemOf(parts, 1));
  const group = bytesOf(itemOf(parts, 2));
  const owner = { uid: input.charCodeAt(input.length - 1) % 3 === 0 ? 999 : 1000, gid: 50 };
  const account = accountNamed(passwd, "app");
  const edits = planEdits(passwd, group, "app", owner);
  const newPasswd = textOf(edits.passwd, 0, edits.passwd.length);
  const newGroup = textOf(edits.group, 0, edits.group.length);
  if (account === undefined) {
    holds(edits.passwd === passwd && edits.group === group, "nothing changes for nobody");
    return "nobody";
  }
  const now = accountNamed(edits.passwd, "app");
  holds(now !== undefined, "the user is still there");
  if (now !== undefined) {
    holds(now.uid === owner.uid && now.gid === owner.gid, "the user has the IDs of the owner");
    holds(now.home === account.home && now.shell === account.shell, "home and shell stay");
    const first = accountWithId(edits.passwd, owner.uid);
    holds(first !== undefined && first.name === "app", "the first line with the UID is the user's");
  }
  const again = planEdits(edits.passwd, edits.group, "app", owner);
  holds(again.passwd.equals(edits.passwd) && again.group.equals(edits.group), "a second match changes nothing");
  return `${newPasswd}\x01${newGroup}`;
}

function readStatusFile(input: string): string {
  const field = statusField(input, "Seccomp");
  holds(field === "" || `\n${input}\n`.includes(`\nSeccomp:\t${field}\n`), "the field stands in the text");
  const mode = seccompMode(field);
  holds((mode === "unknown") === (field !== "0" && field !== "1" && field !== "2"), "a mode is one of three");
  return `${field} ${mode}`;
}

function readMap(input: string): string {
  const ranges = parseIdMap(input);
  for (const range of ranges) holds(range.inside >= 0 && range.outside >= 0 && range.length > 0, "a range has IDs");
  return `${isMapped(ranges, 1000)} ${isMapped(ranges, 65536)} ${describeRanges(ranges)}`;
}

function readCapabilities(input: string): string {
  const all = 2199023255551;
  const set = parseCapabilities(input, all);
  holds(Number.isSafeInteger(set) && set >= 0 && set <= all, "a set has known capabilities");
  const described = describeCapabilities(set);
  holds(parseCapabilities(described, all) === set, "a set that is described reads as the same");
  return `${set} ${described}`;
}

function readMessage(input: string): string {
  const explanations = explain(input, () => 1000);
  for (const one of explanations) {
    holds(one.cause !== "" && one.fix !== "", "an explanation says something");
    if (!input.includes("<")) holds(!one.cause.includes("<") && !one.fix.includes("<"), "no place is left empty");
  }
  const text = explanationText(explanations);
  const lines = text.split("\n").length;
  holds(lines === Math.max(2, 2 * explanations.length + 1) && text.endsWith("\n"), "an explanation is two lines");
  return text;
}

/** What getdents64(2) might write: records whose fields are right, except where they are not. */
function directoryBytes(random: Random): string {
  let text = "";
  for (let left = random.below(6); left > 0; left--) text += directoryRecord(random);
  return random.below(4) === 0 ? damaged(text, random) : text;
}

const ENTRY_NAMES: readonly string[] = [".", "..", "", "a", ".a", "...", "passwd", "\xff\x80", "a\nb", "a/b"];

function directoryRecord(random: Random): string {
  const name = random.below(3) === 0 ? noise(20, random) : itemOf(ENTRY_NAMES, random.below(ENTRY_NAMES.length));
  const unpadded = 19 + name.length + 1;
  const length = random.below(8) === 0 ? random.below(300) : unpadded + ((8 - (unpadded % 8)) % 8);
  let text = "";
  for (let i = 0; i < 16; i++) text += String.fromCharCode(random.below(256));
  text += String.fromCharCode(length % 256, Math.floor(length / 256), random.below(16));
  text += name;
  while (text.length < length) text += "\0";
  return text;
}

function readDirectory(input: string): string {
  // The kernel writes into a buffer that is larger than what it has to say, and what stood there before stays.
  const dents = Buffer.alloc(input.length + 24, 65);
  dents.set(bytesOf(input), 0);
  let text = "";
  for (let length = input.length; length >= 0; length = length === 0 ? -1 : Math.floor(length / 2)) {
    for (const entry of entriesOf(dents, length)) {
      holds(entry.name !== "." && entry.name !== "..", "a directory does not list itself");
      holds(!entry.name.includes("\0"), "a name ends at its NUL");
      text += `${entry.type} ${entry.name}/`;
    }
    text += "\n";
  }
  return text;
}

function readAttributes(input: string): string {
  const names = namesOf(bytesOf(input), input.length);
  for (const name of names) holds(!name.includes("\0"), "a name ends at its NUL");
  return names.join(" ");
}

function isId(id: number): void {
  holds(Number.isInteger(id) && id >= 0 && id <= MAX_ID, "an ID is in its range");
}
