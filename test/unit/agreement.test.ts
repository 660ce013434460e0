// The rules by which `npm run agree` judges, and the document that it writes.

import { readFileSync } from "node:fs";
import t from "tap";
import { Random } from "../native/random.ts";
import { files, specs } from "../support/agree.ts";
import { agreementText } from "../support/agreement.ts";
import { type AccountTexts, AS_GOSU, answerTo, GOSU, RULES, TSGOSU } from "../support/moby.ts";

const ACCOUNTS: AccountTexts = {
  passwd:
    "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1000::/home/app:\nbad:x:x:7::/bad:\n#off:x:5:5::/off:\nbare:x:9:9::\n",
  group: "root:x:0:\napp:x:1000:\nstaff:x:50:root,app\nwide:x:4294967298:app\n",
};

t.test("what gosu makes of a user-spec", async (t) => {
  const is = (spec: string): unknown => answerTo(spec, ACCOUNTS, GOSU);
  t.same(is("app"), { uid: 1000, gid: 1000, groups: [2, 50], home: "/home/app" });
  t.same(is("app:staff"), { uid: 1000, gid: 50, groups: [], home: "/home/app" });
  t.same(is("1000:7"), { uid: 1000, gid: 7, groups: [], home: "/home/app" });
  t.same(is("77"), { uid: 77, gid: 0, groups: [], home: "/" });
  t.same(is(""), { uid: 0, gid: 0, groups: [50], home: "/root" });
  t.same(is("bad"), { uid: 0, gid: 7, groups: [], home: "/bad" }, "the mistake that makes root of a user");
  t.same(is("5"), { uid: 5, gid: 5, groups: [], home: "/off" });
  t.same(is("+77:1:2"), { uid: 77, gid: 1, groups: [], home: "/" });
  t.same(is("bare"), { uid: 9, gid: 9, groups: [], home: "" });
  for (const spec of ["nobody", "app:nobody", "2147483648", "99999999999999999999"]) t.same(is(spec), "error", spec);
});

t.test("what tsgosu makes of it", async (t) => {
  const is = (spec: string): unknown => answerTo(spec, ACCOUNTS, TSGOSU);
  t.same(is("app"), { uid: 1000, gid: 1000, groups: [50, 1000], home: "/home/app" });
  t.same(is("app:staff"), { uid: 1000, gid: 50, groups: [50], home: "/home/app" });
  t.same(is("5"), { uid: 5, gid: 0, groups: [0], home: "/" });
  t.same(is("4294967294"), { uid: 4294967294, gid: 0, groups: [0], home: "/" });
  t.same(is("bare"), { uid: 9, gid: 9, groups: [9], home: "/" });
  for (const spec of ["", "bad", "+77", "app:1:2", "4294967295"]) t.same(is(spec), "error", spec);
  t.not(answerTo("", ACCOUNTS, AS_GOSU), "error");
});

t.test("the same seed gives the same cases, each user-spec once", async (t) => {
  const made = specs(500, new Random(1, 0));
  t.same(made, specs(500, new Random(1, 0)));
  t.equal(new Set(made).size, 500);
  t.equal(files(50, new Random(1, 0)).length, 50);
});

t.test("docs/agreement.md is what the last run has written", async (t) => {
  const text = readFileSync("docs/agreement.md", "utf8");
  for (const { name } of RULES) {
    const section = text.split("\n### ").find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}\n`)) ?? "";
    const count = Number(/^- (\d+) cases/m.exec(section)?.[1]);
    t.ok(count > 0, `a difference was met: ${name}`);
  }
  const figures = /\d+/g;
  const none = { runs: 0, wrong: [], differences: 0, byRule: new Map() };
  const plain = (written: string): string => written.replaceAll(figures, "N").replaceAll(/user-spec `.*`\.$/gm, "");
  t.equal(plain(text), plain(agreementText(none, 0, 0)), "npm run agree");
});
