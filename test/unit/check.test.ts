// The posture: what execve leaves, the judgement, its table and its JSON; and messages with their causes.

import fc from "fast-check";
import t from "tap";
import { explain } from "../../src/check/explain.ts";
import { factsOf, judge, MEMBERS } from "../../src/check/judge.ts";
import { afterExec, type Posture, rootIsRootOutside, statusNumber } from "../../src/check/posture.ts";
import { explanationText, postureJson, postureTable } from "../../src/check/print.ts";

const RESTRICTED: Posture = {
  uids: { real: 1000, effective: 1000, saved: 1000 },
  gids: { real: 1000, effective: 1000, saved: 1000 },
  groups: [50, 5000],
  privileges: { permitted: 0, effective: 0, inheritable: 0, bounding: 0, ambient: 0, noNewPrivs: true },
  seccomp: 2,
  uidMap: [{ inside: 0, outside: 100000, length: 65536 }],
  gidMap: [{ inside: 0, outside: 100000, length: 65536 }],
  setgroups: "allow",
  readOnlyRoot: 1,
  isInit: true,
};

interface Json {
  readonly version: number;
  readonly restricted: boolean;
  readonly controls: readonly Record<string, string | boolean | null>[];
  readonly facts: Record<string, string | boolean | null>;
}

function jsonOf(posture: Posture): Json {
  const controls = judge(posture);
  return JSON.parse(postureJson(controls, factsOf(posture), !controls.includes("false"))) as Json;
}

/** The controls that do not hold. */
function failing(posture: Posture): unknown[] {
  return jsonOf(posture)
    .controls.filter((control) => control["holds"] === false)
    .map((control) => control["control"]);
}

t.test("a restricted posture holds", async (t) => {
  const json = jsonOf(RESTRICTED);
  t.equal(json.version, 1);
  t.equal(json.restricted, true);
  t.same(
    json.controls.map((control) => control["control"]),
    [
      "non_root_uid",
      "no_new_privs",
      "effective_capabilities",
      "permitted_capabilities",
      "inheritable_capabilities",
      "bounding_capabilities",
      "ambient_capabilities",
      "seccomp",
    ],
  );
  for (const control of json.controls) t.same(Object.keys(control), MEMBERS);
  t.same(json.facts, {
    uid: "1000",
    gid: "1000",
    groups: "50,5000",
    uid_map: "0 100000 65536",
    gid_map: "0 100000 65536",
    root_is_root_outside: false,
    setgroups: "allow",
    read_only_root: true,
    pid_1: true,
  });
});

t.test("every control can fail by itself, and is mended in three places", async (t) => {
  const p = RESTRICTED.privileges;
  const table: readonly [string, Posture][] = [
    ["non_root_uid", { ...RESTRICTED, uids: { real: 1000, effective: 1000, saved: 0 } }],
    ["non_root_uid", { ...RESTRICTED, uids: { real: 0, effective: 0, saved: 0 } }],
    ["no_new_privs", { ...RESTRICTED, privileges: { ...p, noNewPrivs: false } }],
    ["effective_capabilities", { ...RESTRICTED, privileges: { ...p, effective: 1 } }],
    ["permitted_capabilities", { ...RESTRICTED, privileges: { ...p, permitted: 1025 } }],
    ["inheritable_capabilities", { ...RESTRICTED, privileges: { ...p, inheritable: 2 } }],
    ["bounding_capabilities", { ...RESTRICTED, privileges: { ...p, bounding: 2 ** 40 } }],
    ["ambient_capabilities", { ...RESTRICTED, privileges: { ...p, ambient: 8 } }],
    ["seccomp", { ...RESTRICTED, seccomp: 0 }],
    ["seccomp", { ...RESTRICTED, seccomp: -1 }],
  ];
  for (const [control, posture] of table) {
    t.same(failing(posture), [control]);
    const failed = jsonOf(posture).controls.find((one) => one["control"] === control);
    for (const place of ["kubernetes", "docker", "tsgosu"]) t.match(failed?.[place], /./, `${control}: ${place}`);
    const lines = postureTable(judge(posture), factsOf(posture), false, false).split("\n");
    const at = lines.findIndex((line) => line.startsWith(`FAIL  ${control} `));
    t.match(lines.slice(at + 1, at + 4), [/kubernetes +\S/, /docker +\S/, /tsgosu +\S/]);
  }
});

t.test("a bounding set that stays: what it takes to empty it", async (t) => {
  const privileges = { ...RESTRICTED.privileges, bounding: 1 };
  const control = jsonOf({ ...RESTRICTED, privileges }).controls.find((one) => one["holds"] === false);
  t.equal(control?.["tsgosu"], "--caps none, in a container with SETPCAP");
});

t.test("the one capability that the standard allows", async (t) => {
  const set = 1024;
  const privileges = {
    permitted: set,
    effective: set,
    inheritable: set,
    bounding: set,
    ambient: set,
    noNewPrivs: true,
  };
  t.same(failing({ ...RESTRICTED, privileges }), []);
});

t.test("colour", async (t) => {
  const table = postureTable(judge(RESTRICTED), factsOf(RESTRICTED), true, true);
  t.match(table, "\x1b[32mok\x1b[0m");
  t.notMatch(postureTable(judge(RESTRICTED), factsOf(RESTRICTED), true, false), "\x1b");
});

t.test("what is unknown is null", async (t) => {
  const facts = jsonOf({ ...RESTRICTED, uidMap: [], gidMap: [], setgroups: "", readOnlyRoot: -1, groups: [] }).facts;
  t.match(facts, { uid_map: null, gid_map: null, root_is_root_outside: null, setgroups: null, read_only_root: null });
});

t.test("root here, root outside", async (t) => {
  t.equal(rootIsRootOutside([{ inside: 0, outside: 0, length: 4294967295 }]), 1);
  t.equal(rootIsRootOutside([{ inside: 0, outside: 1000, length: 1 }]), 0);
  t.equal(rootIsRootOutside([{ inside: 1000, outside: 0, length: 1 }]), 0);
  t.equal(rootIsRootOutside([]), -1);
});

t.test("what execve leaves", async (t) => {
  const now = { permitted: 7, effective: 7, inheritable: 8, bounding: 48, ambient: 1, noNewPrivs: false };
  t.match(afterExec(now, false), { permitted: 1, effective: 1, inheritable: 8, bounding: 48, ambient: 1 });
  t.match(afterExec(now, true), { permitted: 56, effective: 56 });
  t.match(afterExec({ ...now, permitted: 9, noNewPrivs: true }, true), { permitted: 8, effective: 8 });
});

t.test("fields of status", async (t) => {
  const status = "Name:\tSeccomp:\t2\nSeccomp:\t1\nSeccomp_filters:\t4\n";
  t.equal(statusNumber(status, "Seccomp"), 1);
  t.equal(statusNumber(status, "Seccomp_filters"), 4);
  t.equal(statusNumber(status, "NoNewPrivs"), -1);
  t.equal(statusNumber("Seccomp:\tx\n", "Seccomp"), -1);
  t.equal(statusNumber("Seccomp:\t99999999999999999999999\n", "Seccomp"), -1);
});

const uidOf = (user: string): string => (user === "pptruser" ? "10042" : "1000");

/** Messages as they are printed, and what the explanation has to name. */
const MESSAGES: readonly [string, RegExp[]][] = [
  [
    'Error: container has runAsNonRoot and image has non-numeric user (pptruser), cannot verify user is non-root (pod: "shot-1_web(6b)", container: chrome)',
    [/without its \/etc\/passwd.*pptruser/, /USER 10042 .*container chrome: securityContext: \{runAsUser: 10042\}/],
  ],
  [
    'container has runAsNonRoot and image will run as root (pod: "a_b(c)", container: api)',
    [/image of container api/, /container api: securityContext: \{runAsUser: 65532\}/],
  ],
  ['container\'s runAsUser breaks non-root policy (pod: "a_b(c)", container: api)', [/runAsUser: 0/, /container api/]],
  [
    'pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "app" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    [
      /restricted:latest.*web/,
      /./,
      /setuid/,
      /container app: .*allowPrivilegeEscalation: false/,
      /a, b would have/,
      /container a, b: .*drop: \["ALL"\]/,
      /./,
      /app: .*runAsNonRoot: true/,
      /./,
      /app: .*RuntimeDefault/,
    ],
  ],
  [
    'Warning: would violate PodSecurity \\"baseline:v1.30\\": hostPort (container \\"x\\" uses hostPort 80)',
    [/baseline:v1.30/, /./, /x takes a port/, /Service/],
  ],
  ["cannot set securityContext.capabilities", [/container's securityContext/, /drop: \["ALL"\]/]],
  ["chmod: changing permissions of '/data': Operation not permitted", [/not root/, /--check/]],
  ["chown: changing ownership of '/data/db': Operation not permitted", [/\/data\/db may not be given away/, /fsGroup/]],
  ['error: failed switching to "postgres": operation not permitted', [/become postgres/, /--if-root postgres/]],
  ["setgroups: Operation not permitted", [/supplementary groups/, /--if-root/]],
  [
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    [/allowPrivilegeEscalation/, /tsgosu switch/],
  ],
  ["Error: listen EACCES: permission denied 0.0.0.0:80", [/below 1024/, /--caps net_bind_service/]],
  ["nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", [/below 1024/, /--caps net_bind_service/]],
  ["listen tcp :443: bind: permission denied", [/below 1024/, /--caps net_bind_service/]],
  ['nginx: [emerg] open() "/x" failed (13: Permission denied)', [/may not do that/, /ls -ldn/]],
  ['exec: "srv": executable file not found in $PATH: unknown', [/no such program/, /COPY/]],
  ["exec /srv: exec format error", [/another architecture/, /--platform/]],
  ['hostPath volumes (volume "data")', [/like hostPath/, /emptyDir/]],
  ["EACCES: permission denied, open '/var/lib/x'", [/\/var\/lib\/x/, /ls -ldn/]],
  [
    "docker: Error response from daemon: unable to find user bob: no matching entries in passwd file.",
    [/no user bob/, /useradd bob/],
  ],
  ["mkdir: cannot create directory '/cache': Read-only file system", [/\/cache is on no volume/, /emptyDir/]],
];

t.test("messages", async (t) => {
  for (const [message, expected] of MESSAGES) {
    const found = explain(message, uidOf);
    for (let i = 0; i < expected.length; i++) t.match(found[i], expected[i], message);
    for (const line of found) t.notMatch(line, /<(?!pod>|policy>|path>|container>)|undefined/, message);
    t.equal(found.length, expected.length);
  }
  t.same(explain("everything is fine", uidOf), []);
  t.same(explain("", uidOf), []);
});

t.test("explanations are printed on lines of their own", async () => {
  const message = fc.oneof(
    fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) }),
    fc.constantFrom(...MESSAGES.map(([one]) => one)),
  );
  fc.assert(
    fc.property(
      fc.array(message).map((parts) => parts.join("")),
      (text) => {
        const found = explain(text, uidOf);
        const lines = explanationText(found).split("\n");
        return lines.length === (found.length === 0 ? 2 : found.length + 1);
      },
    ),
  );
});
