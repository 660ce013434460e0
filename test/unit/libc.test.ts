// libc's independent word: getpwnam(3) and getgrnam(3) through the npm package posix, against what tsgosu reads.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { findGroup } from "../../src/accounts/group.ts";
import { accountNamed } from "../../src/accounts/passwd.ts";

interface LibcUser {
  readonly uid: number;
  readonly gid: number;
  readonly dir: string;
  readonly shell: string;
}

// Asks libc for every name, in a process whose /etc/passwd and /etc/group are the ones given (a mount namespace of its own).
const ASK = `
const posix = require("posix");
const ask = (get, name) => { try { return get(name); } catch { return null; } };
const { users, groups } = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify({
  users: users.map((name) => ask(posix.getpwnam, name)),
  groups: groups.map((name) => ask(posix.getgrnam, name)),
}));`;

interface Answers {
  readonly users: readonly (LibcUser | null)[];
  readonly groups: readonly ({ readonly gid: number } | null)[];
}

function askLibc(passwd: string, group: string, users: readonly string[], groups: readonly string[]): Answers {
  const input = JSON.stringify({ users, groups });
  const script = 'mount --bind "$0" /etc/passwd && mount --bind "$1" /etc/group && exec node -e "$2"';
  const output = execFileSync("unshare", ["--mount", "sh", "-c", script, passwd, group, ASK], {
    input,
    encoding: "utf8",
  });
  return JSON.parse(output) as Answers;
}

function firstFields(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line !== "" && !/^[\s#]/.test(line))
    .map((line) => line.slice(0, line.indexOf(":")));
}

/** Several hundred accounts with what real files hold: gaps, duplicates, empty fields, odd names, high numbers. */
function generate(count: number): { passwd: string; group: string } {
  let passwd = "root:x:0:0:root:/root:/bin/bash\n";
  let group = "root:x:0:\n";
  for (let i = 1; i <= count; i++) {
    const name =
      i % 7 === 0 ? `user.${i}-x_y` : i % 11 === 0 ? `Dom\\user${i}` : i % 13 === 0 ? `user${i}$` : `user${i}`;
    const uid = i % 17 === 0 ? 4294967294 - i : 1000 + (i % 40) * i;
    const home = i % 5 === 0 ? "" : `/home/${name}`;
    const shell = i % 6 === 0 ? "" : "/bin/sh";
    passwd += `${name}:${i % 2 === 0 ? "x" : "*"}:${uid}:${i % 19 === 0 ? 0 : uid % 60000}:Name ${i},,,:${home}:${shell}\n`;
    if (i % 10 === 0) passwd += `${name}:x:${i}:${i}:a second line:/second:/bin/second\n`;
    if (i % 9 === 0) passwd += "# a comment\n\n";
    group += `${name}:x:${2000 + i}:${i % 3 === 0 ? `root,user${i}` : ""}\n`;
    if (i % 10 === 0) group += `${name}:x:1:\n`;
  }
  return { passwd, group };
}

function compare(t: Test, passwd: string, group: string): void {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-libc-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const files = [join(directory, "passwd"), join(directory, "group")] as const;
  writeFileSync(files[0], passwd);
  writeFileSync(files[1], group);
  const users = [...firstFields(passwd), "no-such-user"];
  const groups = [...firstFields(group), "no-such-group"];
  const answers = askLibc(files[0], files[1], users, groups);
  users.forEach((name, i) => {
    const libc = answers.users[i];
    const ours = accountNamed(Buffer.from(passwd, "utf8"), name);
    const mine = ours === undefined ? null : { uid: ours.uid, gid: ours.gid, dir: ours.home, shell: ours.shell };
    const theirs = libc ? { uid: libc.uid, gid: libc.gid, dir: libc.dir, shell: libc.shell } : null;
    t.same(mine, theirs, `user ${name}`);
  });
  groups.forEach((name, i) => {
    t.equal(findGroup(Buffer.from(group, "utf8"), name), answers.groups[i]?.gid ?? -1, `group ${name}`);
  });
}

t.test("libc agrees on every line of a generated file", async (t) => {
  const { passwd, group } = generate(400);
  compare(t, passwd, group);
});

t.test("libc agrees on this machine's own accounts", async (t) => {
  compare(t, readFileSync("/etc/passwd", "utf8"), readFileSync("/etc/group", "utf8"));
});
