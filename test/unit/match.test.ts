// What an owner means for the user, and editing passwd and group: pure functions.

import fc from "fast-check";
import t from "tap";
import { gidLine } from "../../src/accounts/group.ts";
import { accountNamed, accountWithId, sharesGroup } from "../../src/accounts/passwd.ts";
import { editGroup, editPasswd } from "../../src/match/edit.ts";
import type { Owner } from "../../src/match/owner.ts";
import { type Plan, planEdits, planMatch } from "../../src/match/plan.ts";
import { isUnmapped } from "../../src/privilege/idmap.ts";
import { bytesOf, textOf } from "../../src/text.ts";

function passwd(text: string, name: string, uid: number, gid: number): string {
  const bytes = editPasswd(bytesOf(text), name, uid, gid);
  return textOf(bytes, 0, bytes.length);
}

function group(text: string, from: number, to: number): string {
  const bytes = editGroup(bytesOf(text), from, to);
  return textOf(bytes, 0, bytes.length);
}

function hasGroup(group: Buffer, gid: number): boolean {
  return gidLine(group, gid) !== undefined;
}

void t.test("the plan", async (t) => {
  const app: Owner = { uid: 10001, gid: 10001 };
  const table: readonly [string, Owner, Owner, number, Plan][] = [
    ["owned by somebody", { uid: 1000, gid: 1000 }, app, 0, "take-over"],
    ["owned by the user", app, app, 0, "already-matched"],
    ["another group", { uid: 10001, gid: 1000 }, app, 0, "take-over"],
    ["owned by root", { uid: 0, gid: 0 }, app, 0, "owned-by-root"],
    ["owned by root and a group", { uid: 0, gid: 1000 }, app, 0, "owned-by-root"],
    ["the user is root", { uid: 1000, gid: 1000 }, { uid: 0, gid: 0 }, 0, "root-stays-root"],
    ["not root, the owner", { uid: 1000, gid: 1000 }, app, 1000, "stay-current"],
    ["not root, the owner and the user", app, app, 10001, "stay-current"],
    ["not root, another", { uid: 1000, gid: 1000 }, app, 10001, "not-permitted"],
    ["not root, the owner is the user", app, app, 1000, "already-matched"],
    ["not root, owned by root", { uid: 0, gid: 0 }, app, 10001, "owned-by-root"],
  ];
  for (const [name, owner, user, currentUid, plan] of table) t.equal(planMatch(owner, user, currentUid), plan, name);
});

void t.test("nobody becomes root, and root nobody", async (t) => {
  const id = fc.oneof(fc.constant(0), fc.constant(1000), fc.nat());
  const ids = fc.record({ uid: id, gid: id });
  fc.assert(
    fc.property(ids, ids, id, (owner, user, current) => {
      if (planMatch(owner, user, current) === "take-over") t.ok(owner.uid !== 0 && user.uid !== 0 && current === 0);
    }),
  );
});

void t.test("an owner that is not mapped", async (t) => {
  const all = [{ inside: 0, outside: 0, length: 4294967295 }];
  const some = [{ inside: 0, outside: 100000, length: 65536 }];
  t.equal(isUnmapped(65534, 65534, some), true);
  t.equal(isUnmapped(1000, 65534, some), false);
  t.equal(isUnmapped(65534, 65533, some), false, "another ID stands for owners that are not mapped");
  t.equal(isUnmapped(65533, 65533, some), true);
  t.equal(isUnmapped(65534, 65534, all), false, "in the initial namespace it is nobody's");
  t.equal(isUnmapped(65534, 65534, []), false, "without /proc it cannot be told");
});

void t.test("passwd", async (t) => {
  t.equal(passwd("root:x:0:0\napp:x:1:2:g:h:s\n", "app", 10, 20), "root:x:0:0\napp:x:10:20:g:h:s\n");
  t.equal(passwd("app:x:1:2", "app", 1, 3), "app:x:1:3");
  t.equal(passwd("  app:x:01:2:\t\r\n", "app", 1, 3), "  app:x:01:3:\t\r\n", "a field that says it already stays");
  t.equal(passwd("app:x:y:2\napp:x:1:2\napp:x:1:2\n", "app", 7, 7), "app:x:y:2\napp:x:7:7\napp:x:1:2\n");
  t.equal(passwd("#app:x:1:2\nother:x:1:2\n", "app", 7, 7), "#app:x:1:2\nother:x:1:2\n");
  t.equal(passwd("a:x:7:1\nb:x:2:2\napp:x:1:2\nc:x:7:7\n", "app", 7, 8), "app:x:7:8\na:x:7:1\nb:x:2:2\nc:x:7:7\n");
  t.equal(passwd("a:x:7:1\nb:x:2:2\napp:x:1:2", "app", 7, 8), "app:x:7:8\na:x:7:1\nb:x:2:2");
  t.equal(passwd("a:x:7:1\r\napp:x:1:2\r", "app", 7, 8), "app:x:7:8\r\na:x:7:1\r", "an end that is half there");
  t.equal(passwd("a:x:7:1\r\nb:x:2:2\r\napp:x:1:2", "app", 7, 8), "app:x:7:8\r\na:x:7:1\r\nb:x:2:2");
  t.equal(
    passwd("a:x:7:1\napp:x:7:8\n", "app", 7, 8),
    "app:x:7:8\na:x:7:1\n",
    "the numbers are right, the place is not",
  );
});

void t.test("group", async (t) => {
  t.equal(group("app:x:5:a,b\nc:x:5:\n", 5, 6), "app:x:6:a,b\nc:x:5:\n");
  t.equal(group("app:x:5:a,b\nc:x:6:\n", 5, 6), "app:x:5:a,b\nc:x:6:\n", "the GID is another's");
  t.equal(group("#app:x:5:\n:x:5:\napp:x\n", 5, 6), "#app:x:5:\n:x:5:\napp:x\n");
  t.equal(group("app:x:5", 5, 1234567), "app:x:1234567");
  t.equal(hasGroup(bytesOf("app:x:5:\n"), 5), true);
  t.equal(hasGroup(bytesOf("app:x:55:\n"), 5), false);
  t.equal(sharesGroup(bytesOf("app:x:1:5\nother:x:2:5\n"), "app", 5), true);
  t.equal(sharesGroup(bytesOf("app:x:1:5\nother:x:2:6\n"), "app", 5), false);
});

void t.test("what the account files become", async (t) => {
  const edits = (passwd: string, group: string): readonly string[] => {
    const { passwd: users, group: groups } = planEdits(bytesOf(passwd), bytesOf(group), "app", { uid: 7, gid: 8 });
    return [textOf(users, 0, users.length), textOf(groups, 0, groups.length)];
  };
  t.same(edits("app:x:1:2\n", "app:x:2:\n"), ["app:x:7:8\n", "app:x:8:\n"]);
  t.same(edits("app:x:1:2\n", "app:x:2:\nb:x:8:\n"), ["app:x:7:8\n", "app:x:2:\nb:x:8:\n"], "the GID has a group");
  t.same(edits("app:x:1:2\nb:x:3:2\n", "app:x:2:\n"), ["app:x:7:8\nb:x:3:2\n", "app:x:2:\n"], "a group of others");
  t.same(edits("app:x:1:0\n", "root:x:0:\n"), ["app:x:7:8\n", "root:x:0:\n"], "root's group");
  t.same(edits("app:x:7:8\n", "app:x:8:\n"), ["app:x:7:8\n", "app:x:8:\n"], "somebody has done it meanwhile");
  t.same(edits("b:x:1:2\n", "b:x:2:\n"), ["b:x:1:2\n", "b:x:2:\n"], "somebody has removed the user meanwhile");
});

// Files as they are, and as nobody would write them.
const word = fc.oneof(
  fc.constantFrom("app", "b", "", "x", "1", "7", "007", "42", "-1", "4294967295", " ", "#"),
  fc.string({ maxLength: 4, unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
);
const line = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(":"));
const account = fc
  .tuple(fc.constantFrom("app", "b", "c"), fc.nat(50), fc.nat(50))
  .map(([name, uid, gid]) => `${name}:x:${uid}:${gid}::/:`);
const file = fc
  .tuple(fc.array(fc.tuple(fc.oneof(line, account), fc.constantFrom("\n", "\r\n"))), fc.oneof(fc.constant(""), account))
  .map(([lines, last]) => lines.flat().join("") + last);
const small = fc.nat(50);

/** The file's lines without what ends them, sorted, those that `isMeant` says left out. */
function others(text: string, isMeant: (line: string) => boolean): string[] {
  return text
    .split("\n")
    .map((one) => one.replace(/\r$/, ""))
    .filter((one) => !isMeant(one))
    .sort();
}

void t.test("passwd: only the fields meant change, once is as twice", async (t) => {
  fc.assert(
    fc.property(file, small, small, (text, uid, gid) => {
      const found = accountNamed(bytesOf(text), "app");
      const edited = passwd(text, "app", uid, gid);
      t.equal(passwd(edited, "app", uid, gid), edited);
      if (found === undefined) t.equal(edited, text);
      else {
        t.match(accountNamed(bytesOf(edited), "app"), { ...found, uid, gid });
        t.equal(accountWithId(bytesOf(edited), uid)?.name, "app", "the UID is this name's first");
        const isMeant = (one: string): boolean => /^\s*app:/.test(one);
        t.same(others(edited, isMeant), others(text, isMeant));
        t.equal([...edited].filter((c) => c === "\n").length, [...text].filter((c) => c === "\n").length);
        const digits = /\d+/g;
        t.equal(edited.replace(digits, "").length, text.replace(digits, "").length, "no byte but digits comes or goes");
      }
    }),
    { numRuns: 2000 },
  );
});

void t.test("group: only the GID changes, once is as twice", async (t) => {
  fc.assert(
    fc.property(file, small, small, (text, from, to) => {
      const edited = group(text, from, to);
      t.equal(group(edited, from, to), from === to ? text : edited);
      if (edited === text) return;
      const before = text.split("\n");
      const changed = edited.split("\n").filter((one, at) => one !== before[at]);
      t.equal(changed.length, 1);
      t.equal(edited.split("\n").length, before.length);
      t.ok(!hasGroup(bytesOf(text), to) && hasGroup(bytesOf(edited), to));
    }),
    { numRuns: 2000 },
  );
});
