// --check against the truth: what it says a command would have is what the command has; and its output.

import t from "tap";
import { describeCapabilities } from "../../src/privilege/capabilities.ts";
import { runCases } from "../support/cases.ts";
import { MAPPED, run } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";
import { statusOf } from "../support/status.ts";
import { openTerminal } from "../support/terminal.ts";

interface Report {
  readonly version: number;
  readonly restricted: boolean;
  readonly controls: readonly { readonly control: string; readonly holds: boolean; readonly found: string }[];
  readonly facts: Readonly<Record<string, string | boolean | null>>;
}

/** The flags of a container that has these capabilities and no other. */
function having(...names: string[]): string[] {
  return ["--cap-drop=ALL", ...names.map((name) => `--cap-add=${name}`)];
}

const CONTAINERS: readonly (readonly string[])[] = [
  [],
  [...having("SETUID", "SETGID", "SETPCAP", "NET_BIND_SERVICE"), "--read-only"],
  ["--security-opt=no-new-privileges", "--security-opt=seccomp=unconfined"],
  [...having(), "--user=65532:65532", "--security-opt=no-new-privileges", "--read-only"],
  [...MAPPED, ...having("SETUID", "SETGID")],
];

/** Who and how; without a user-spec, it is held against a command that nobody switches for. */
const WORDS = [
  "",
  "65532:65532",
  "--restricted 65532:65532",
  "--caps none --no-new-privs 1:1",
  "root",
  "--no-new-privs root",
];

onBoth(t, "what --check says is what the command has", async (t, executable) => {
  for (const flags of CONTAINERS) {
    const cases = WORDS.flatMap((words) => [
      { name: `check ${words}`, script: `tsgosu --json --check ${words}` },
      { name: `run ${words}`, script: `${words === "" ? "" : `tsgosu ${words}`} cat /proc/self/status` },
    ]);
    const ran = await runCases(executable, cases, { flags: [...flags, "--tmpfs=/tmp:mode=1777"] });
    for (const words of WORDS) {
      const name = `${words} in ${flags.join(" ")}`;
      const [check, command] = [ran.get(`check ${words}`), ran.get(`run ${words}`)];
      if (command?.code === 125) {
        t.equal(check?.code, 125, name);
        t.equal(check?.stdout, "", name);
        continue;
      }
      const report = JSON.parse(check?.stdout ?? "") as Report;
      t.equal(check?.code, report.restricted ? 0 : 1, name);
      t.equal(
        report.restricted,
        report.controls.every((one) => one.holds),
        name,
      );
      const status = statusOf(command?.stdout ?? "");
      const found = new Map(report.controls.map((one) => [one.control, one.found]));
      for (const set of ["effective", "permitted", "inheritable", "bounding", "ambient"] as const) {
        t.equal(found.get(`${set}_capabilities`), describeCapabilities(Number(`0x${status[set]}`)), `${name}: ${set}`);
      }
      t.equal(found.get("no_new_privs"), status.noNewPrivs === "1" ? "set" : "not set", name);
      t.equal(found.get("seccomp"), ["none", "strict", "filter"][Number(status.seccomp)], name);
      t.equal(report.facts["uid"], status.uid.split(" ")[0], name);
      t.equal(report.facts["groups"] ?? "", status.groups.replaceAll(" ", ","), name);
      t.equal(report.facts["root_is_root_outside"], !flags.some((flag) => MAPPED.includes(flag)), name);
      t.equal(report.facts["read_only_root"], flags.includes("--read-only"), name);
    }
  }
});

onBoth(t, "--check changes nothing, and --explain prints no one else's control characters", async (t, executable) => {
  const cases = [
    {
      name: "twice",
      script: "tsgosu --check --restricted 1000 >/dev/null; tsgosu --check --restricted 1000 | tail -1",
    },
    {
      name: "streams",
      script: "{ tsgosu --check 1000; stat -L -c %u /proc/self/fd/1 >&2; } | cat >/dev/null",
    },
    { name: "unknown", script: "tsgosu --check nosuch" },
    { name: "a command", script: "tsgosu --check 1000 id" },
    {
      name: "explained",
      script: "tsgosu --check --explain 'container has runAsNonRoot and image has non-numeric user (daemon), x'",
    },
    { name: "not known", script: "tsgosu --explain 'all is well'" },
    { name: "hostile", script: "tsgosu --explain $'unable to find user \\e[31mx\\n: permission denied'" },
  ];
  const ran = await runCases(executable, cases);
  t.same(ran.get("twice"), {
    ...ran.get("twice"),
    code: 0,
    stdout: 'Pod Security Standard "restricted": met\n',
    stderr: "",
  });
  t.match(ran.get("unknown"), { code: 125, stdout: "", stderr: /no such user/ });
  t.match(ran.get("a command"), { code: 125, stdout: "", stderr: /--check runs no command/ });
  t.match(ran.get("explained"), { code: 0, stdout: /USER 1 / });
  t.match(ran.get("not known"), { code: 1, stdout: /tsgosu does not know this message/ });
  t.notMatch(ran.get("hostile")?.stdout, "\x1b");
  t.equal(ran.get("streams")?.stderr, "0\n");
});

onBoth(t, "colour on a terminal, unless NO_COLOR is set", async (t, executable) => {
  for (const [flags, coloured] of [
    [[], true],
    [["-e", "NO_COLOR=1"], false],
    [["-e", "NO_COLOR="], true],
  ] as const) {
    const terminal = openTerminal(t, executable, ["--check", "1000"], { flags });
    t.equal(await terminal.ended(), 1);
    t.equal(terminal.screen().includes("\x1b[31mFAIL\x1b[0m"), coloured);
    t.match(terminal.screen(), "not met");
  }
  const piped = await run(executable, ["--check", "1000"]);
  t.notMatch(piped.stdout, "\x1b");
});
