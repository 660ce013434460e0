// Exactly who was asked for: the primary group cannot be dropped, and no capability comes along.

import t from "tap";
import { type Case, runCases, runScript } from "../support/cases.ts";
import { onBoth } from "../support/executables.ts";

const EPERM = 1;

/** A file that is denied to group 1000 alone, and a cat(1) that runs with another group. */
const DENIED = `
rm -rf /tmp/denied /tmp/setgid-cat
echo secret >/tmp/denied; chgrp 1000 /tmp/denied; chmod 0604 /tmp/denied
cp /bin/cat /tmp/setgid-cat; chgrp 50 /tmp/setgid-cat; chmod 2755 /tmp/setgid-cat
ln -sf /usr/local/bin/tsgosu /tmp/gosu`;

onBoth(t, "what is denied to the primary group stays denied to a setgid program", async (t, executable) => {
  const cases: readonly Case[] = ["tsgosu --exec", "tsgosu --init -s", "/tmp/gosu"].map((words) => ({
    name: words,
    script: `${words} 1000:1000 sh -c 'cat /tmp/denied; /tmp/setgid-cat /tmp/denied; probe who; exit 5'`,
  }));
  const results = await runCases(executable, cases, { before: DENIED });
  for (const { name } of cases) {
    const ran = results.get(name);
    t.equal(ran?.code, 5, name);
    t.equal(ran?.stdout, "uid=1000,1000,1000 gid=1000,1000,1000 groups=1000 home=/\n", name);
    t.equal(ran?.stderr.match(/Permission denied/g)?.length, 2, `${name}: ${ran?.stderr}`);
  }
});

onBoth(t, "who is the user already stays it, with its group in the list or not", async (t, executable) => {
  for (const [groups, shown] of [
    ["--clear-groups", ""],
    ["--groups 1000", "1000"],
  ]) {
    const script = `exec setpriv --reuid 1000 --regid 1000 ${groups} --bounding-set -all tsgosu --exec --verbose 1000:1000 probe who`;
    const ran = await runScript(executable, script);
    t.equal(ran.stderr, "tsgosu: already 1000:1000, nothing to switch\n");
    t.equal(ran.stdout, `uid=1000,1000,1000 gid=1000,1000,1000 groups=${shown} home=/\n`);
  }
});

const SETS = /^Cap(Inh|Prm|Eff|Amb):\t(\w+)$/gm;

/** The sets that hold a capability, of all that a script has printed. */
function held(status: string): string[] {
  return [...status.matchAll(SETS)].filter(([, , set]) => !/^0+$/.test(`${set}`)).map(([line]) => line);
}

onBoth(t, "a user has no capability, whatever the container came with", async (t, executable) => {
  const before = [
    "setpriv --securebits +no_setuid_fixup",
    "setpriv --inh-caps +chown,+setpcap",
    "setpriv --inh-caps +kill --ambient-caps +kill",
    "setpriv --securebits +no_setuid_fixup --inh-caps +kill --ambient-caps +kill",
    "setpriv --reuid 5 --regid 5 --clear-groups --inh-caps +setuid,+setgid,+kill --ambient-caps +setuid,+setgid,+kill",
  ];
  const cases: Case[] = [];
  for (const prefix of before) {
    for (const words of ["--exec", "--init -s", "--exec --no-new-privs"]) {
      const files = words.startsWith("--init") ? "/proc/self/status /proc/$PPID/status" : "/proc/self/status";
      cases.push({
        name: `${prefix} tsgosu ${words}`,
        script: `${prefix} tsgosu ${words} 1000:1000 sh -c 'cat ${files}'`,
      });
    }
  }
  const results = await runCases(executable, cases);
  for (const { name } of cases) {
    const ran = results.get(name);
    t.equal(ran?.code, 0, `${name}: ${ran?.stderr}`);
    t.equal([...(ran?.stdout ?? "").matchAll(SETS)].length, name.includes("--init") ? 8 : 4, name);
    t.same(held(ran?.stdout ?? ""), [], name);
  }
  const given = await runScript(
    executable,
    "setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all,+kill --ambient-caps=-all,+kill tsgosu --exec 1000:1000 cat /proc/self/status",
  );
  t.equal(held(given.stdout).length, 4, "who is the user already keeps what the container was started with");
});

onBoth(t, "capabilities that cannot be read, or emptied, end the start", async (t, executable) => {
  for (const [name, error] of [
    ["capget", /^tsgosu: cannot read this process's capabilities\ntsgosu: hint: /],
    ["capset", /^tsgosu: cannot confine the command: the user would have capabilities: operation not permitted\n/],
  ] as const) {
    const script = `setpriv --securebits +no_setuid_fixup probe refuse ${name} ${EPERM} tsgosu --exec 1000:1000 echo ran`;
    const ran = await runScript(executable, script);
    t.match(ran, { code: 125, stdout: "", stderr: error }, name);
  }
});
