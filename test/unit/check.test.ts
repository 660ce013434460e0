// The posture: what execve leaves, the judgement, its table and its JSON; and messages with their causes.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import t from "tap";
import { type Explanation, explain } from "../../src/check/explain.ts";
import { factsOf } from "../../src/check/facts.ts";
import { judge } from "../../src/check/judge.ts";
import { GENERAL, specificMeanings } from "../../src/check/meanings.ts";
import {
  afterExec,
  isRootOutside,
  type Posture,
  seccompMode,
  setgroupsRule,
  statusField,
} from "../../src/check/posture.ts";
import { explanationText, isRestricted, postureJson, postureTable } from "../../src/check/print.ts";
import { describeCapabilities } from "../../src/privilege/capabilities.ts";

const RESTRICTED: Posture = {
  uids: { real: 1000, effective: 1000, saved: 1000 },
  gids: { real: 1000, effective: 1000, saved: 1000 },
  groups: [50, 5000],
  privileges: { permitted: 0, effective: 0, inheritable: 0, bounding: 0, ambient: 0, noNewPrivs: true },
  seccomp: "filter",
  uidMap: [{ inside: 0, outside: 100000, length: 65536 }],
  gidMap: [{ inside: 0, outside: 100000, length: 65536 }],
  setgroups: "allow",
  readOnlyRoot: true,
  isInit: true,
};

interface Json {
  readonly version: number;
  readonly restricted: boolean;
  readonly controls: readonly Record<string, string | boolean | null>[];
  readonly facts: Record<string, string | boolean | null>;
}

function jsonText(posture: Posture): string {
  return postureJson(judge(posture), factsOf(posture));
}

function jsonOf(posture: Posture): Json {
  return JSON.parse(jsonText(posture)) as Json;
}

function tableOf(posture: Posture, colour: boolean = false): string {
  return postureTable(judge(posture), factsOf(posture), colour);
}

const MEMBERS = ["control", "holds", "found", "kubernetes", "docker", "tsgosu"];

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
    ["seccomp", { ...RESTRICTED, seccomp: "none" }],
    ["seccomp", { ...RESTRICTED, seccomp: "unknown" }],
  ];
  for (const [control, posture] of table) {
    t.same(failing(posture), [control]);
    const failed = jsonOf(posture).controls.find((one) => one["control"] === control);
    for (const place of ["kubernetes", "docker", "tsgosu"]) t.match(failed?.[place], /./, `${control}: ${place}`);
    t.equal(jsonOf(posture).restricted, false);
    const lines = tableOf(posture).split("\n");
    t.equal(lines.at(-2), 'Pod Security Standard "restricted": not met');
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
  t.match(tableOf(RESTRICTED, true), "\x1b[32mok\x1b[0m    non_root_uid");
  t.match(tableOf({ ...RESTRICTED, seccomp: "none" }, true), "\x1b[31mFAIL\x1b[0m  seccomp");
  t.notMatch(tableOf(RESTRICTED), "\x1b");
});

/** A control that fails, and facts that are not known. */
const UNKNOWN: Posture = {
  ...RESTRICTED,
  groups: [],
  seccomp: "unknown",
  uidMap: [],
  gidMap: [],
  setgroups: "unknown",
  readOnlyRoot: undefined,
  isInit: false,
};

t.test("the table, byte for byte", async (t) => {
  t.equal(
    tableOf(UNKNOWN),
    `ok    non_root_uid              real 1000, effective 1000, saved 1000
ok    no_new_privs              set
ok    effective_capabilities    none
ok    permitted_capabilities    none
ok    inheritable_capabilities  none
ok    bounding_capabilities     none
ok    ambient_capabilities      none
FAIL  seccomp                   unknown
        kubernetes  securityContext: {seccompProfile: {type: RuntimeDefault}}
        docker      leave out --privileged and --security-opt seccomp=unconfined
        tsgosu      only the engine can
      uid                       1000
      gid                       1000
      groups                    
      uid_map                   
      gid_map                   
      root_is_root_outside      
      setgroups                 
      read_only_root            
      pid_1                     false
Pod Security Standard "restricted": not met
`,
  );
  const known = tableOf({ ...RESTRICTED, uidMap: [...RESTRICTED.uidMap, { inside: 65536, outside: 1000, length: 1 }] });
  t.match(known, "      uid_map                   0 100000 65536, 65536 1000 1\n");
  t.match(known, "      read_only_root            true\n");
  t.match(known, 'Pod Security Standard "restricted": met\n');
});

t.test("the JSON, byte for byte", async (t) => {
  const set = '"kubernetes":null,"docker":null,"tsgosu":null';
  const none = ["effective", "permitted", "inheritable", "bounding", "ambient"].map(
    (name) => `{"control":"${name}_capabilities","holds":true,"found":"none",${set}}`,
  );
  t.equal(
    jsonText(UNKNOWN),
    `{"version":1,"restricted":false,"controls":[{"control":"non_root_uid","holds":true,"found":"real 1000, effective 1000, saved 1000",${set}},` +
      `{"control":"no_new_privs","holds":true,"found":"set",${set}},${none.join(",")},` +
      '{"control":"seccomp","holds":false,"found":"unknown","kubernetes":"securityContext: {seccompProfile: {type: RuntimeDefault}}",' +
      '"docker":"leave out --privileged and --security-opt seccomp=unconfined","tsgosu":"only the engine can"}],' +
      '"facts":{"uid":"1000","gid":"1000","groups":null,"uid_map":null,"gid_map":null,"root_is_root_outside":null,' +
      '"setgroups":null,"read_only_root":null,"pid_1":false}}\n',
  );
});

const ID = fc.oneof(fc.constantFrom(0, 1, 1000, 4294967294), fc.integer({ min: 0, max: 4294967294 }));
const IDS = fc.record({ real: ID, effective: ID, saved: ID });
const SET = fc.oneof(
  fc.constantFrom(0, 1024),
  fc.bigInt(0n, (1n << 53n) - 1n).map((set) => Number(set)),
);
const MAP = fc.array(fc.record({ inside: ID, outside: ID, length: ID }), { maxLength: 4 });
const POSTURE: fc.Arbitrary<Posture> = fc.record({
  uids: IDS,
  gids: IDS,
  groups: fc.array(ID),
  privileges: fc.record({
    permitted: SET,
    effective: SET,
    inheritable: SET,
    bounding: SET,
    ambient: SET,
    noNewPrivs: fc.boolean(),
  }),
  seccomp: fc.constantFrom("none", "strict", "filter", "unknown"),
  uidMap: MAP,
  gidMap: MAP,
  setgroups: fc.constantFrom("allow", "deny", "unknown"),
  readOnlyRoot: fc.constantFrom(true, false, undefined),
  isInit: fc.boolean(),
});

t.test("whatever the posture, the JSON is one line of ASCII that holds it, and agrees with the table", async () => {
  fc.assert(
    fc.property(POSTURE, (posture) => {
      const text = jsonText(posture);
      // Members, their order and their values: nothing is lost or written twice. Quotes may be written in two ways.
      if (text.replaceAll("\\u0022", '\\"') !== `${JSON.stringify(JSON.parse(text))}\n`) return false;
      const json = JSON.parse(text) as Json;
      const found = new Map(json.controls.map((control) => [control["control"], control["found"]]));
      const { privileges, uids } = posture;
      for (const name of ["effective", "permitted", "inheritable", "bounding", "ambient"] as const) {
        if (found.get(`${name}_capabilities`) !== describeCapabilities(privileges[name])) return false;
      }
      const { facts } = json;
      const ranges = posture.uidMap.map((range) => `${range.inside} ${range.outside} ${range.length}`);
      const lines = tableOf(posture).split("\n");
      const failed = json.controls.filter((control) => control["holds"] === false);
      return (
        /^[ -~]+\n$/.test(text) &&
        found.get("non_root_uid") === `real ${uids.real}, effective ${uids.effective}, saved ${uids.saved}` &&
        found.get("seccomp") === posture.seccomp &&
        (facts["uid_map"] ?? "") === ranges.join(", ") &&
        (facts["groups"] ?? "") === posture.groups.join(",") &&
        (facts["setgroups"] ?? "unknown") === posture.setgroups &&
        (facts["read_only_root"] ?? undefined) === posture.readOnlyRoot &&
        facts["pid_1"] === posture.isInit &&
        json.restricted === (failed.length === 0) &&
        json.restricted === isRestricted(judge(posture)) &&
        lines.length === json.controls.length + 3 * failed.length + Object.keys(facts).length + 2 &&
        failed.every((control) => lines.some((line) => line.startsWith(`FAIL  ${control["control"]} `)))
      );
    }),
  );
});

t.test("control characters of a fact are escaped", async (t) => {
  const facts = [{ name: "uid", value: 'a\x1b[31m"\\\xff\n' }];
  t.match(postureTable([], facts, false), "a\\x1b[31m");
  t.equal(postureTable([], facts, false).split("\n").length, 3);
  t.same(JSON.parse(postureJson([], facts)), {
    version: 1,
    restricted: true,
    controls: [],
    facts: { uid: facts[0]?.value },
  });
});

t.test("root here, root outside", async (t) => {
  t.equal(isRootOutside([{ inside: 0, outside: 0, length: 4294967295 }]), true);
  t.equal(isRootOutside([{ inside: 0, outside: 1000, length: 1 }]), false);
  t.equal(isRootOutside([{ inside: 1000, outside: 0, length: 1 }]), false);
  t.equal(isRootOutside([]), undefined);
});

t.test("what execve leaves", async (t) => {
  const now = { permitted: 7, effective: 7, inheritable: 8, bounding: 48, ambient: 1, noNewPrivs: false };
  const user = { real: 1000, effective: 1000, saved: 1000 };
  const root = { real: 0, effective: 0, saved: 0 };
  t.match(afterExec(now, user, true), { permitted: 1, effective: 1, inheritable: 8, bounding: 48, ambient: 1 });
  t.match(afterExec(now, root, true), { permitted: 56, effective: 56 });
  t.match(afterExec(now, root, false), { permitted: 1, effective: 1 }, "SECBIT_NOROOT");
  t.match(afterExec({ ...now, permitted: 9, noNewPrivs: true }, root, true), { permitted: 8, effective: 8 });
  // capabilities(7): the real UID gives the permitted set too, the effective UID alone the effective set.
  t.match(afterExec(now, { real: 0, effective: 1000, saved: 1000 }, true), { permitted: 56, effective: 1 });
  t.match(afterExec(now, { real: 1000, effective: 0, saved: 0 }, true), { permitted: 56, effective: 56 });
});

t.test("fields of status", async (t) => {
  const status = "Name:\tSeccomp:\t2\nSeccomp:\t1\nSeccomp_filters:\t4\n";
  t.equal(statusField(status, "Seccomp"), "1");
  t.equal(statusField(status, "Seccomp_filters"), "4");
  t.equal(statusField(status, "NoNewPrivs"), "");
  t.equal(statusField("", "Seccomp"), "");
  t.same(["0", "1", "2", "3", "-1", "x", "", "99999999999999999999999"].map(seccompMode), [
    "none",
    "strict",
    "filter",
    ...Array.from({ length: 5 }, () => "unknown"),
  ]);
  t.same(["allow\n", "deny\n", "", "allowed\n"].map(setgroupsRule), ["allow", "deny", "unknown", "unknown"]);
});

const uidOf = (user: string): number | undefined => (user === "pptruser" ? 10042 : undefined);

/** A cause and its fix, of which these texts have to be part. */
type Expected = readonly [cause: string, fix: string];

const READ_ONLY: Expected = ["/cache is not on a writable volume", "emptyDir"];
const PORT: Expected = ["below 1024", "--caps net_bind_service"];
const STREAM: Expected = ["may not open it by name", "gives the standard streams to the user"];
const MOUNT: Expected = ["SYS_ADMIN", "docker run --mount"];
const POSTGRES: Expected = ["PostgreSQL refuses to run as root", 'ENTRYPOINT ["tsgosu", "postgres"]'];
const NO_LINE = (who: string): Expected => [`${who} has no line in /etc/passwd`, "useradd --uid"];
const GROUPS: Expected = ["supplementary groups may not be changed", "--if-root"];
const DENIED = (file: string): Expected => [`do not have this access to ${file}`, `owner and mode of ${file} and of`];
const EXECUTE = (file: string): Expected => [`${file} may not be executed`, `chmod +x ${file} when`];
const INTERPRETER = (file: string): Expected => [
  `${file} is missing, or the program that runs it is`,
  "LF line endings",
];

const SIGKILLED: Expected = ["SIGKILL ended it", "memory limit"];
const PROCESSES: Expected = ["no further process or thread", "--pids-limit"];
const SOCKET: Expected = ["group of the host", "tsgosu --group-of /var/run/docker.sock app"];
const NO_HOME: Expected = ["HOME is /", "tsgosu --if-root app"];

/** Messages as they are printed, and what the explanations have to say, names included. */
const MESSAGES: readonly (readonly [message: string, ...expected: Expected[]])[] = [
  // kubelet
  [
    'Error: container has runAsNonRoot and image has non-numeric user (pptruser), cannot verify user is non-root (pod: "shot-1_web(6b)", container: chrome)',
    [
      "kubelet cannot know that pptruser is not root",
      "USER 10042 instead of the name (in the image, id -u pptruser prints the number); or container chrome: securityContext: {runAsUser: 10042}",
    ],
  ],
  [
    "container has runAsNonRoot and image has non-numeric user (nobody-knows)",
    ["that nobody-knows is not root", "USER 1000 instead of the name (in the image, id -u nobody-knows"],
  ],
  ["image has non-numeric user", ["that that user is not root", "the container: securityContext: {runAsUser: 1000}"]],
  [
    'container has runAsNonRoot and image will run as root (pod: "a_b(c)", container: api)',
    ["image of container api has", "container api: securityContext: {runAsUser: 65532}"],
  ],
  [
    'container\'s runAsUser breaks non-root policy (pod: "a_b(c)", container: api)',
    ["container api has both", "container api: securityContext: {runAsUser: 65532}"],
  ],
  [
    "docker: Error response from daemon: unable to find user bob: no matching entries in passwd file.",
    ["no line for bob", "useradd bob;"],
  ],
  ["tsgosu: user 'bob': no such user in /etc/passwd", ["no line for bob", "useradd bob;"]],
  // Admission
  [
    'Error creating: pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "app" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "app" must set securityContext.runAsNonRoot=true), runAsUser=0 (pod must not set runAsUser=0), seccompProfile (pod or containers "a", "b", "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    ["restricted:latest, and the manifest of pod web does", "settings below"],
    ["program in container app could", "container app: securityContext: {allowPrivilegeEscalation: false}"],
    ["containers a, b would have", 'containers a, b: securityContext: {capabilities: {drop: ["ALL"]}}'],
    ["say that container app never", "container app: securityContext: {runAsNonRoot: true, runAsUser: 65532}"],
    ["says that the pod runs as root", "the pod: securityContext: {runAsUser: 65532}"],
    ["calls of containers a, b, c", "containers a, b, c: securityContext: {seccompProfile: {type: RuntimeDefault}}"],
  ],
  [
    'Warning: would violate PodSecurity \\"baseline:v1.30\\": hostPort (containers \\"x\\", \\"y\\" use hostPorts 80, 81), privileged (container \\"x\\" must not set securityContext.privileged=true), host namespaces (hostNetwork=true), non-default capabilities (container \\"y\\" must not include \\"SYS_ADMIN\\" in securityContext.capabilities.add), hostPath volumes (volume \\"data\\")',
    ["baseline:v1.30, and the manifest of the pod does", "settings below"],
    ["containers x, y uses a port", "Service"],
    ["container x is privileged", "container x: leave out securityContext.privileged"],
    ["namespaces with the node", "hostNetwork"],
    ["container y adds", "container y: leave out all"],
    ["hostPath", "emptyDir"],
  ],
  ['runAsUser=0 (container "', ["says that the container runs", "the container: securityContext"]],
  ['runAsUser=0 (containers ""', ["says that the container runs", "the container: securityContext"]],
  ['restricted volume types (volume "v" uses restricted volume type "nfs")', ["hostPath", "emptyDir"]],
  ["pods is forbidden: unable to validate against any security context constraint: []", ["OpenShift", "--if-root"]],
  ["capability may not be added", ["admission policy", "remove it"]],
  [
    "cannot set securityContext.capabilities",
    ["of a container, not of the pod", 'the container: securityContext: {capabilities: {drop: ["ALL"]}}'],
  ],
  // The command
  ['exec: "srv": executable file not found in $PATH: unknown', ["no program srv in its PATH", "COPY"]],
  [
    "Error: crun: executable file `srv` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found",
    ["no program srv in its PATH", "COPY"],
  ],
  [
    "crun: executable file `/srv/run` not found: No such file or directory: OCI runtime attempted to invoke a command that was not found",
    ["no file /srv/run", "COPY"],
  ],
  [
    'runc create failed: unable to start container process: exec: "/entrypoint.sh": stat /entrypoint.sh: no such file or directory: unknown',
    ["no file /entrypoint.sh", "COPY"],
  ],
  ["tsgosu: node server.js: not found in PATH", ["no program node server.js in", '["node", "server.js"]']],
  ["executable file not found", ["no program of that name in its PATH", "COPY"]],
  ['exec: "/srv": is a directory: permission denied: unknown', ["/srv is a directory", "in that directory"]],
  ['exec: "/entrypoint.sh": permission denied: unknown', EXECUTE("/entrypoint.sh")],
  ["exec ./run.sh: permission denied", EXECUTE("./run.sh")],
  ["exec /run.sh: permission denied", EXECUTE("/run.sh")],
  ["Error: crun: open executable: Permission denied: OCI permission denied", EXECUTE("the file")],
  ["exec container process `/entrypoint.sh`: Permission denied", EXECUTE("/entrypoint.sh")],
  ["exec container process (missing dynamic library?) `/srv`: No such file or directory", INTERPRETER("/srv")],
  ["exec container process `/srv`: Exec format error", ["/srv is built for another architecture", "--platform"]],
  ["sh: 1: exec: ./run.sh: Permission denied", EXECUTE("./run.sh")],
  ["sh: 1: exec: /srv: Permission denied", EXECUTE("/srv")],
  ["/bin/sh: 1: ./run.sh: Permission denied", EXECUTE("./run.sh")],
  ["[FATAL tini (7)] exec ./srv failed: Permission denied", EXECUTE("./srv")],
  ["tsgosu: ./run.sh: cannot run: permission denied", EXECUTE("./run.sh")],
  ["tsgosu: srv: cannot run: permission denied", EXECUTE("the file")],
  ["exec /entrypoint.sh: no such file or directory", INTERPRETER("/entrypoint.sh")],
  ["exec ./srv: no such file or directory", INTERPRETER("./srv")],
  ["[FATAL tini (7)] exec /srv failed: No such file or directory", INTERPRETER("/srv")],
  [
    'standard_init_linux.go:228: exec user process caused "no such file or directory"',
    ["the file is missing, or", "LF line endings"],
  ],
  ["tsgosu: /srv: cannot run: no such file or directory", INTERPRETER("/srv")],
  ["exec /srv: exec format error", ["/srv is built for another architecture", "--platform"]],
  // Files, ports, mounts
  ["open /dev/stdout: permission denied", STREAM],
  ['nginx: [emerg] open() "/dev/stderr" failed (13: Permission denied)', STREAM],
  ["Error: EACCES: permission denied, open '/dev/stdout'", STREAM],
  ["PermissionError: [Errno 13] Permission denied: '/dev/stderr'", STREAM],
  ["mount: /mnt: permission denied.", MOUNT],
  ["mount: mounting /dev/sda on /mnt failed: Operation not permitted", MOUNT],
  ["mount: permission denied (are you root?)", MOUNT],
  ["mount: /mnt: must be superuser to use mount.", MOUNT],
  ["umount: /mnt: must be superuser to unmount.", MOUNT],
  ["fusermount: mount failed: Operation not permitted", MOUNT],
  ["Error: listen EACCES: permission denied 0.0.0.0:80", PORT],
  ["Error: listen EACCES 0.0.0.0:80", PORT],
  ["nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)", PORT],
  ["nginx: [emerg] bind() to [::]:443 failed (13: Permission denied)", PORT],
  ["listen tcp :443: bind: permission denied", PORT],
  ["listen udp :53: bind: permission denied", PORT],
  ["(13)Permission denied: AH00072: make_sock: could not bind to address [::]:80", PORT],
  ["Error: listen EACCES: permission denied /run/app.sock", DENIED("/run/app.sock")],
  ["listen unix /run/app.sock: bind: permission denied", DENIED("/run/app.sock")],
  [
    "chown: changing ownership of '/data/db': Operation not permitted",
    ["the owner of /data/db may not be changed", "fsGroup: 1000"],
  ],
  ["mkdir: cannot create directory '/cache': Read-only file system", READ_ONLY],
  ["OSError: [Errno 30] Read-only file system: '/cache'", READ_ONLY],
  ["Error: EROFS: read-only file system, mkdir '/cache'", READ_ONLY],
  [
    "touch: cannot touch '/cache': Read-only file system\ntouch: cannot touch '/other': Read-only file system",
    READ_ONLY,
  ],
  [
    'FATAL:  data directory "/var/lib/postgresql/data" has wrong ownership',
    [
      "/var/lib/postgresql/data does not belong to",
      "tsgosu --chown /var/lib/postgresql/data postgres gives it to the user, tsgosu --match /var/lib/postgresql/data postgres",
    ],
  ],
  // Users
  ["initdb: error: cannot be run as root", POSTGRES],
  ["pg_ctl: cannot be run as root", POSTGRES],
  ['"root" execution of the PostgreSQL server is not permitted.', POSTGRES],
  ["KeyError: 'getpwuid(): uid not found: 10001'", NO_LINE("UID 10001")],
  [
    "SystemError [ERR_SYSTEM_ERROR]: uv_os_get_passwd returned ENOENT (no such file)",
    NO_LINE("the UID of the process"),
  ],
  ["whoami: cannot find name for user ID 1234", NO_LINE("UID 1234")],
  ["No user exists for uid 1234", NO_LINE("UID 1234")],
  ["could not look up effective user ID 1234: user does not exist", NO_LINE("UID 1234")],
  [
    'sudo: The "no new privileges" flag is set, which prevents sudo from running as root.',
    ["allowPrivilegeEscalation", "tsgosu switch"],
  ],
  ["sudo: effective uid is not 0, is /usr/bin/sudo on a file system with nosuid?", ["sudo is not setuid", "switch"]],
  // Switching
  [
    "tsgosu: cannot become 10001:10001: tsgosu runs as 1000:1000, and only root may switch",
    ["only root may become 10001:10001", "tsgosu --if-root"],
  ],
  [
    "tsgosu: cannot become 1000:1000 with groups 5: tsgosu runs as 1000:1000, and only root may switch\ntsgosu: hint: start the container as root (no --user, no runAsUser), or run the command as the current user: tsgosu --if-root",
    ["only root may become 1000:1000 with groups 5", "if only groups differ"],
  ],
  [
    "tsgosu: cannot become 1:1: tsgosu runs as 0:0 but without the capability that setgroups needs",
    ["lacks SETUID or SETGID, which it needs to become 1:1", "--cap-add SETUID --cap-add SETGID"],
  ],
  [
    "tsgosu: cannot become 70000:70000: UID 70000 is not mapped in this user namespace (mapped: 0-65535)",
    ["does not map this ID", "--uidmap"],
  ],
  ["tsgosu: cannot become 1:1: setgroups is denied in this user namespace (/proc/self/setgroups)", GROUPS],
  [
    "tsgosu: cannot become 1:1: the user already runs as many processes as its limit allows",
    ["limit on processes", "--ulimit nproc"],
  ],
  [
    "tsgosu: cannot become 1:1: the kernel reported success, but the process is 0:0",
    ["without carrying it out", "seccomp"],
  ],
  ["tsgosu: cannot become 1:1: setresuid: invalid argument", ["tsgosu become 1:1", "--if-root"]],
  [
    'error: failed switching to "postgres": operation not permitted',
    ["cannot become postgres:", "tsgosu --if-root postgres"],
  ],
  ["setgroups: Operation not permitted", GROUPS],
  ["E: setgroups 65534 failed - setgroups (1: Operation not permitted)", GROUPS],
  ["there might not be enough uids or gids available in the user namespace", ["fewer IDs", "/etc/subuid"]],
  // How it ended
  ["    Reason:       OOMKilled\n    Exit Code:    137", SIGKILLED],
  ["    Last State:     Terminated\n      Exit Code:    137", SIGKILLED],
  ["web-1 exited with code 137", SIGKILLED],
  ['1a2b3c  app  "node server.js"  2 hours ago  Exited (137) 5 seconds ago', SIGKILLED],
  ["web-1 exited with code 143", ["SIGTERM ended it", "--ok-exit 143"]],
  [
    "LOG:  database system was not properly shut down; automatic recovery in progress",
    ["PostgreSQL was killed", "--rewrite TERM:INT postgres"],
  ],
  ["sh: 0: Cannot fork: Resource temporarily unavailable", PROCESSES],
  ["RuntimeError: can't start new thread", PROCESSES],
  ["pthread_create failed: Resource temporarily unavailable", PROCESSES],
  // Well-known programs
  [
    "Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json: dial unix /var/run/docker.sock: connect: permission denied",
    SOCKET,
  ],
  [
    "permission denied while trying to connect at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect",
    SOCKET,
  ],
  ["dial unix /var/run/docker.sock: connect: permission denied", SOCKET],
  [
    'FATAL:  data directory "/var/lib/postgresql/data" has invalid permissions',
    ["may use /var/lib/postgresql/data", "chmod 0700 /var/lib/postgresql/data"],
  ],
  [
    'initdb: error: could not change permissions of directory "/var/lib/postgresql/data": Operation not permitted',
    ["only the owner", "tsgosu --chown"],
  ],
  [
    'nginx: [warn] the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/nginx/nginx.conf:2',
    ["not started as root", "tsgosu nginx nginx"],
  ],
  [
    'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)',
    ["may not write above /var/cache/nginx/client_temp", "--chown /var/cache/nginx"],
  ],
  ["npm ERR! Error: EACCES: permission denied, mkdir '/.npm'", NO_HOME],
  ["PermissionError: [Errno 13] Permission denied: '/.cache'", NO_HOME],
  ["fatal: detected dubious ownership in repository at '/app'", ["another UID", "tsgosu --match"]],
  [
    "[1:1:1124/101010.1:FATAL:zygote_host_impl_linux.cc(127)] No usable sandbox! Update your kernel or see the documentation",
    ["user namespace", "CLONE_NEWUSER"],
  ],
  [
    "[7:7:1124/101010.1:ERROR:zygote_host_impl_linux.cc(100)] Running as root without --no-sandbox is not supported. See https://crbug.com/638180.",
    ["no sandbox as root", 'ENTRYPOINT ["tsgosu", "app"]'],
  ],
  [
    "[ERROR] Fatal error: Please read 'Security' section of the manual to find out how to run mysqld as root!",
    ["refuses to run as root", "tsgosu switch"],
  ],
  ["java.lang.RuntimeException: can not run elasticsearch as root", ["refuses to run as root", "tsgosu switch"]],
  ["@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @", ["others may read", "defaultMode: 0400"]],
  ["Bad owner or permissions on /root/.ssh/config", ["others may read", "defaultMode: 0400"]],
  [
    "bash: cannot set terminal process group (-1): Inappropriate ioctl for device\nbash: no job control in this shell",
    ["no terminal of its own", "docker run -it"],
  ],
  [
    "System has not been booted with systemd as init system (PID 1). Can't operate.",
    ["PID 1 is not systemd", "in the foreground"],
  ],
  // Engines
  [
    'error mounting "/srv/nginx.conf" to rootfs at "/etc/nginx/nginx.conf": not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?',
    ["does not exist on the host", "remove that directory"],
  ],
  [
    'cannot set up namespace using "/usr/bin/newuidmap": exit status 1: newuidmap: write to uid_map failed: Operation not permitted',
    ["setuid bit", "65536 IDs"],
  ],
  [
    "OCI runtime create failed: runc create failed: cannot set uid to unmapped user in user namespace: unknown",
    ["does not map the user", "--uidmap"],
  ],
  ["exec /usr/bin/ping: operation not permitted", ["/usr/bin/ping has file capabilities", "setcap -r /usr/bin/ping"]],
  [
    "standard_init_linux.go:228: exec user process caused: operation not permitted",
    ["the file has file capabilities", "getcap"],
  ],
  // What is left
  ["chmod: changing permissions of '/data': Operation not permitted", ["not root", "--check"]],
  ["EACCES: permission denied, open '/var/lib/x'", DENIED("/var/lib/x")],
  ["Error: EACCES: permission denied, open 'logs/app.log'", DENIED("logs/app.log")],
  ['nginx: [emerg] open() "/x" failed (13: Permission denied)', DENIED("/x")],
  [
    '2026/11/20 10:00:00 [emerg] 1#1: open() "/a b/x" failed (13: Permission denied) in /etc/nginx/nginx.conf:3',
    DENIED("/a b/x"),
  ],
  ["PermissionError: [Errno 13] Permission denied: '/x'", DENIED("/x")],
  [
    "Traceback (most recent call last):\n  File \"/app/main.py\", line 1, in <module>\nPermissionError: [Errno 13] Permission denied: '/x'",
    DENIED("/x"),
  ],
  ['\\nPermissionError: [Errno 13] Permission denied: \\"/x\\"', DENIED("/x")],
  ["mkdir: cannot create directory \xe2\x80\x98data\xe2\x80\x99: Permission denied", DENIED("data")],
  ["ls: cannot open directory '/x': Permission denied", DENIED("/x")],
  ["/bin/sh: 1: cannot create /data/x: Permission denied", DENIED("/data/x")],
  ["open /var/x: permission denied", DENIED("/var/x")],
  ["java.io.FileNotFoundException: /x/y (Permission denied)", DENIED("/x/y")],
  ["Can't open the log file: Permission denied", DENIED("the file")],
  ["permission denied", DENIED("the file")],
];

t.test("messages", async (t) => {
  for (const [message, ...expected] of MESSAGES) {
    const found = explain(message, uidOf);
    t.equal(found.length, expected.length, message);
    for (const [i, [cause, fix]] of expected.entries()) {
      t.ok(found[i]?.cause.includes(cause), message, { found: found[i], cause });
      t.ok(found[i]?.fix.includes(fix), message, { found: found[i], fix });
    }
  }
  t.same(explain("everything is fine", uidOf), []);
  t.same(explain("", uidOf), []);
});

t.test("every message of tsgosu's own that the README lists is explained", async (t) => {
  const readme = readFileSync("README.md", "utf8");
  const rows = /^\| message \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m.exec(readme)?.[1] ?? "";
  const messages = [...rows.matchAll(/^\| `([^`]+)`(?: \(12\d\))?(?:, or `[^`]+`|, in an image .*)? \|/gm)].map(
    ([, message = ""]) => message.replace("…", "cannot become 1:1: tsgosu runs as 0:0"),
  );
  t.ok(messages.length > 20, `${messages.length} messages`);
  for (const message of messages) t.not(explain(message, uidOf).length, 0, message);
});

t.test("every text of the tables is recognised, and every name in them is known", async (t) => {
  for (const table of [...specificMeanings(), GENERAL]) {
    for (const meaning of table.split("\n\n")) {
      const lines = meaning.split("\n");
      t.match(lines.slice(-2), [/^cause {2}\S/, /^fix {4}\S/], meaning);
      t.ok(lines.length > 2, meaning);
      const cause = lines.at(-2)?.slice("cause  ".length) ?? "";
      const pattern = new RegExp(`^${cause.split(/<\w+>/).map(RegExp.escape).join(".+")}$`);
      for (const text of lines.slice(0, -2)) {
        t.equal(text, text.toLowerCase());
        const message = text.replaceAll("*", " ");
        const found = explain(message, uidOf);
        t.ok(
          found.some(({ cause }) => pattern.test(cause)),
          message,
          { found },
        );
        for (const { cause, fix } of found) t.notMatch(cause + fix, /[<>]/, message);
      }
    }
  }
});

t.test("only the name of a user who is a container's is looked up", async (t) => {
  const asked: string[] = [];
  for (const [message] of MESSAGES) explain(message, (user) => void asked.push(user));
  t.same(new Set(asked), new Set(["pptruser", "nobody-knows"]));
});

/** Pieces of messages in any order, with what their names and quotes may be instead. */
const MESSAGE = fc
  .array(
    fc.oneof(
      fc.constantFrom(...MESSAGES.map(([message]) => message)),
      fc.constantFrom(...MESSAGES.flatMap(([message]) => message.split(/(?<=[:"'(),]| )/))),
      fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)), maxLength: 8 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join(""));

t.test("no explanation holds a placeholder, whatever is missing from the message", async () => {
  fc.assert(
    fc.property(MESSAGE, (message) => {
      // What stands in brackets in the message itself may be a name in the answer.
      const found = explain(message.replaceAll(/[<>]|undefined|NaN/g, ""), uidOf);
      return found.every(({ cause, fix }) => !/[<>]|undefined|NaN|\[object/.test(`${cause} ${fix}`));
    }),
    { numRuns: 1000 },
  );
});

t.test("explanations are printed on lines of their own, without control characters", async () => {
  fc.assert(
    fc.property(MESSAGE, (message) => {
      const found = explain(message, uidOf);
      const lines = explanationText(found).split("\n");
      if (found.length === 0) return lines.length === 2 && lines[1] === "";
      return (
        lines.length === 2 * found.length + 1 &&
        found.every((one: Explanation) => one.cause !== "" && one.fix !== "") &&
        lines.every((line, i) => line.startsWith(["cause  ", "fix    "][i % 2] ?? "") || i === lines.length - 1) &&
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        !/[\x00-\x1f\x7f]/.test(lines.join(""))
      );
    }),
  );
});
