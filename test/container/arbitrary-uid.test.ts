// An image whose user is `app`, started as a UID that the image has no name for, as OpenShift and `docker run --user 1234:0`
// do: the command has a home that it may write.

import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { run } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";

/** A home that is prepared for group 0, as Red Hat's guidelines say (chgrp -R 0, chmod -R g=u), and one that is not. */
const BEFORE = `
if [ ! -d /home/app ]; then
  printf 'app:x:10001:0:The App:/home/app:/bin/bash\\nclosed:x:10002:10002::/home/closed:/bin/sh\\nnowhere:x:10003:0:::\\n' >>/etc/passwd
  mkdir -p /home/app /home/closed; chown 10001:0 /home/app; chmod 770 /home/app; chown 10002:10002 /home/closed
fi
as() { setpriv --reuid 1000650000 --regid 0 --clear-groups --bounding-set -all --inh-caps -all env "$@"; }
unset USER LOGNAME SHELL
export -f as`;

interface UidCase extends Case {
  readonly stdout: string;
  readonly code?: number;
  readonly stderr?: RegExp;
}

function shown(home: string, name = ""): string {
  return `1000650000:0 HOME=${home} USER=${name} LOGNAME=${name} SHELL=\n`;
}

const RUN = `tsgosu --if-root app perl -e 'printf "%s:%d HOME=%s USER=%s LOGNAME=%s SHELL=%s\\n", $<, $(, map { $_ // "" } @ENV{qw(HOME USER LOGNAME SHELL)}'`;

const CASES: readonly UidCase[] = [
  { name: "HOME is /", script: `as HOME=/ ${RUN}`, stdout: shown("/home/app") },
  { name: "HOME is not set", script: `as -u HOME ${RUN}`, stdout: shown("/home/app") },
  { name: "HOME is empty", script: `as HOME= ${RUN}`, stdout: shown("/home/app") },
  { name: "HOME is set", script: `as HOME=/srv ${RUN}`, stdout: shown("/srv") },
  {
    name: "--login",
    script: `as HOME=/ ${RUN.replace("--if-root", "--if-root --login")}`,
    stdout: shown("/home/app", "app"),
  },
  {
    name: "--login, and HOME is set",
    script: `as HOME=/srv ${RUN.replace("--if-root", "--if-root --login")}`,
    stdout: shown("/srv"),
  },
  {
    name: "--restricted --init",
    script: `as HOME=/ ${RUN.replace("--if-root", "--if-root --restricted --init --subreaper")}`,
    stdout: shown("/home/app"),
  },
  { name: "the user as a number", script: `as HOME=/ ${RUN.replace(" app ", " 10001 ")}`, stdout: shown("/home/app") },
  { name: "a home that it may not write", script: `as HOME=/ ${RUN.replace(" app ", " closed ")}`, stdout: shown("/") },
  {
    name: "a home that it may not write, --login",
    script: `as HOME=/ ${RUN.replace("--if-root app", "--if-root --login closed")}`,
    stdout: shown("/", "closed"),
  },
  { name: "a user without a home", script: `as HOME=/ ${RUN.replace(" app ", " nowhere ")}`, stdout: shown("/") },
  {
    name: "a user that is not there",
    script: `as HOME=/ ${RUN.replace(" app ", " nobody-here ")}`,
    stdout: shown("/"),
  },
  { name: "a group alone", script: `as HOME=/ ${RUN.replace(" app ", " :staff ")}`, stdout: shown("/") },
  {
    name: "a home that is missing, and no passwd file",
    script: `mv /home/app /home/away; as HOME=/ ${RUN}; mv /home/away /home/app; mv /etc/passwd /etc/away; as HOME=/ ${RUN}; mv /etc/away /etc/passwd`,
    stdout: shown("/") + shown("/"),
  },
  {
    name: "a UID that has a name keeps its HOME, and one that an engine has named does not",
    script: `cp /etc/passwd /tmp/p; echo named:x:1000650000:0::/: >>/etc/passwd; as HOME=/ ${RUN}
      cp /tmp/p /etc/passwd; echo '1000650000:*:1000650000:0:container user:/:/bin/sh' >>/etc/passwd; as HOME=/ ${RUN}; cp /tmp/p /etc/passwd`,
    stdout: shown("/") + shown("/home/app"),
  },
  {
    name: "--verbose",
    script: `as HOME=/ tsgosu --verbose --if-root app sh -c 'echo $HOME; touch ~/mine && stat -c %u:%g ~/mine'`,
    stdout: "/home/app\n1000650000:0\n",
    stderr: /^tsgosu: UID 1000650000 has no home, and gets that of app: \/home\/app\n$/,
  },
  {
    name: "without --if-root it is refused as before",
    script: `as HOME=/ tsgosu app echo ran`,
    code: 125,
    stdout: "",
    stderr: /^tsgosu: cannot become 10001:0: tsgosu runs as 1000650000:0, and only root may switch\n/,
  },
];

onBoth(t, "a UID without a name", async (t, executable) => {
  const results = await runCases(executable, CASES, { before: BEFORE });
  for (const one of CASES) {
    const ran = results.get(one.name);
    t.same(
      { code: ran?.code, stdout: ran?.stdout },
      { code: one.code ?? 0, stdout: one.stdout },
      `${one.name}: ${ran?.stderr}`,
    );
    t.match(ran?.stderr, one.stderr ?? /^$/, one.name);
  }
});

onBoth(t, "a pod of OpenShift: no capability, no privilege to gain, group 0", async (t, executable) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-uid-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const passwd = join(directory, "passwd");
  writeFileSync(passwd, "root:x:0:0::/root:/bin/sh\napp:x:10001:0::/srv/app:/bin/sh\n");
  const home = join(directory, "home");
  mkdirSync(home);
  chownSync(home, 10001, 0);
  chmodSync(home, 0o770);
  const flags = ["--user=1000650000:0", "--cap-drop=ALL", "--security-opt=no-new-privileges"];
  flags.push("-v", `${passwd}:/etc/passwd:ro`, "-v", `${home}:/srv/app`);
  const script = 'echo "$HOME $USER"; id -u; touch ~/file; grep -E "^(Cap|NoNew)" /proc/self/status';
  const words = ["--if-root", "--login", "--restricted", "--umask", "002", "app", "sh", "-c", script];
  const ran = await run(executable, words, { flags });
  t.equal(ran.code, 0, ran.stderr);
  t.match(ran.stdout, /^\/srv\/app app\n1000650000\n/);
  t.match(ran.stdout, /(Cap...:\t0{16}\n){5}NoNewPrivs:\t1\n$/);
  const { mode, uid, gid } = statSync(join(home, "file"));
  t.same({ mode: mode & 0o7777, uid, gid }, { mode: 0o664, uid: 1_000_650_000, gid: 0 });
});
