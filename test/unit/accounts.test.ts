// Lines are found by searching the file for a name or number; here they are held to reading every line in turn.

import fc from "fast-check";
import t from "tap";
import { findGroup, groupsOf } from "../../src/accounts/group.ts";
import { accountNamed, accountWithId } from "../../src/accounts/passwd.ts";
import { bytesOf } from "../../src/text.ts";

/** Fields of the lines that count: those with a name, no comment, whose fields at these places are IDs. */
function linesOf(file: string, ...ids: readonly number[]): string[][] {
  return file
    .split("\n")
    .map((line) => line.replace(/^[ \t\v\f\r]+|[ \t\v\f\r]+$/g, "").split(":"))
    .filter(([name = ""]) => name !== "" && !name.startsWith("#") && !name.includes("\0"))
    .filter((fields) => ids.every((at) => /^\d+$/.test(fields[at] ?? "") && Number(fields[at]) <= 4294967294));
}

const word = fc.constantFrom(
  "a",
  "aa",
  "app",
  "b",
  "1",
  "01",
  "10",
  "0",
  "",
  " ",
  "#",
  "a,app",
  "app,a",
  "x\0",
  "4294967295",
);
const line = fc.array(word, { minLength: 1, maxLength: 8 }).map((words) => words.join(":"));
const file = fc
  .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\n\n", " \n"), fc.boolean())
  .map(([lines, between, ends]) => lines.join(between) + (ends ? "\n" : ""));
const name = fc.constantFrom("a", "aa", "app", "b", "1", "0");

t.test("users", async (t) => {
  fc.assert(
    fc.property(file, name, fc.constantFrom(0, 1, 10, 2), (text, wanted, id) => {
      const accounts = linesOf(text, 2, 3).map(([own = "", , uid, gid, , home = "", shell = ""]) => {
        return { name: own, uid: Number(uid), gid: Number(gid), home, shell };
      });
      t.same(
        accountNamed(bytesOf(text), wanted),
        accounts.find((one) => one.name === wanted),
      );
      t.same(
        accountWithId(bytesOf(text), id),
        accounts.find((one) => one.uid === id),
      );
    }),
    { numRuns: 1000 },
  );
});

t.test("groups", async (t) => {
  fc.assert(
    fc.property(file, name, (text, wanted) => {
      const groups = linesOf(text, 2);
      t.equal(findGroup(bytesOf(text), wanted), Number(groups.find(([own]) => own === wanted)?.[2] ?? -1));
      const gids = groups.filter((one) => (one[3] ?? "").split(",").includes(wanted)).map((one) => Number(one[2]));
      t.same(groupsOf(bytesOf(text), wanted), [...new Set(gids)]);
    }),
    { numRuns: 1000 },
  );
});
