// --puid: PUID, PGID and UMASK say who the user is (DESIGN §2, §6), in a container whose user `app` is 10001:10001.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type ExpectedCase, holdCases, runScript } from "../support/cases.ts";
import { MAPPED, MAY_MOUNT, OWNS_MAPPED_IMAGE, run } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";

const BEFORE = `
[ -e /tmp/passwd0 ] || { cp -a /etc/passwd /tmp/passwd0; cp -a /etc/group /tmp/group0; }
cp -a /tmp/passwd0 /etc/passwd; cp -a /tmp/group0 /etc/group
echo "app:x:10001:10001:The App:/home/app:/bin/sh" >>/etc/passwd; echo "app:x:10001:" >>/etc/group
rm -rf /app /home/app; mkdir -p /app /home/app; echo hi >/home/app/file; touch /home/app/roots; chown 10001:10001 /home/app /home/app/file
owners() { stat -c '%u:%g %n' "$@"; }
lines() { grep -hE "^(app|other):" /etc/passwd /etc/group; }
who() { tsgosu --puid "$@" app sh -c 'echo $(id -u):$(id -g) $(id -un) $HOME'; }
export -f owners lines who`;

const OLD_LINES = "app:x:10001:10001:The App:/home/app:/bin/sh\napp:x:10001:\n";
const NEW_LINES = "app:x:1000:1001:The App:/home/app:/bin/sh\napp:x:1001:\n";

/** What a value that is refused ends in, by the variable. */
function refused(name: string, value: string, why: string): ExpectedCase {
  return {
    name: `${name}='${value}' is refused`,
    script: `${name}='${value}' who; code=$?; lines; owners ~app/file; exit $code`,
    code: 125,
    stdout: `${OLD_LINES}10001:10001 /home/app/file\n`,
    stderr: new RegExp(`^tsgosu: --puid: ${name}=.*: ${why}\ntsgosu: hint: .+\n$`),
  };
}

const CASES: readonly ExpectedCase[] = [
  {
    name: "the everyday case",
    script: "PUID=1000 PGID=1001 who; lines; owners /home/app /home/app/*",
    stdout: `1000:1001 app /home/app\n${NEW_LINES}1000:1001 /home/app\n1000:1001 /home/app/file\n0:0 /home/app/roots\n`,
  },
  {
    name: "the second start does nothing",
    script: `export PUID=1000 PGID=1001; who; i=$(stat -c %i%Y%Z /etc/passwd /etc/group); chown 10001 /home/app/file; who; owners /home/app/file
      [ "$i" = "$(stat -c %i%Y%Z /etc/passwd /etc/group)" ] && echo untouched`,
    stdout: "1000:1001 app /home/app\n1000:1001 app /home/app\n10001:1001 /home/app/file\nuntouched\n",
  },
  {
    name: "neither is set",
    script: "who; PUID= PGID= who; lines",
    stdout: `${"10001:10001 app /home/app\n".repeat(2)}${OLD_LINES}`,
  },
  { name: "PUID alone", script: "PUID=1000 who", stdout: "1000:10001 app /home/app\n" },
  { name: "PGID alone", script: "PGID=1001 who", stdout: "10001:1001 app /home/app\n" },
  {
    name: "without the option they mean nothing",
    script: "PUID=1000 PGID=1001 UMASK=077 tsgosu --exec app sh -c 'id -u; umask'",
    stdout: "10001\n0022\n",
  },
  {
    name: "the UID and the GID are others'",
    script: `echo other:x:1000:1000::/: >>/etc/passwd; echo other:x:1001: >>/etc/group; PUID=1000 PGID=1001 who; lines`,
    stdout:
      "1000:1001 app /home/app\napp:x:1000:1001:The App:/home/app:/bin/sh\nother:x:1000:1000::/:\napp:x:10001:\nother:x:1001:\n",
  },
  {
    name: "with a group of its own choice, and without a line",
    script: `export PUID=1000 PGID=1001; tsgosu --puid app:staff id -G; tsgosu --puid 4711:4712 id -G`,
    stdout: "50\n1001\n",
    stderr: /^$/,
  },
  {
    name: "--match, too: the variables win",
    script:
      "chown 2000:2000 /app; PUID=1000 PGID=1001 who --match /app; PUID=1000 PGID=1001 who --match /app --verbose 2>&1 >/dev/null | head -1; who --match /app",
    stdout: "1000:1001 app /home/app\ntsgosu: PUID and PGID win over --match /app\n2000:2000 app /home/app\n",
  },
  {
    name: "--verbose",
    script: "PUID=1000 PGID=1001 UMASK=002 who --verbose",
    stdout: "1000:1001 app /home/app\n",
    stderr:
      "tsgosu: /home/app: 2 files chowned\ntsgosu: --puid: app takes over 1000:1001\ntsgosu: became app, 1000:1001\ntsgosu: umask 002\n",
  },
  {
    name: "--no-chown, --chown and --group-of",
    script:
      "mkdir /app/in; chgrp 44 /tmp; PUID=1000 PGID=1001 tsgosu --puid --no-chown --chown /app --group-of /tmp app id -G; owners /home/app/file /app /app/in; chgrp 0 /tmp",
    stdout: "1001 44\n10001:10001 /home/app/file\n1000:1001 /app\n1000:1001 /app/in\n",
  },
  {
    name: "--check says whom the command would be, and changes nothing",
    script: `PUID=1000 PGID=1001 tsgosu --puid --check --json app | grep -o '"uid":"[^"]*","gid":"[^"]*"'; lines; owners /home/app/file`,
    stdout: `"uid":"1000","gid":"1001"\n${OLD_LINES}10001:10001 /home/app/file\n`,
  },
  {
    name: "UMASK",
    script: `umask 022; for u in 002 77 ""; do UMASK=$u tsgosu --exec --puid app sh -c umask; done; UMASK=002 tsgosu --exec --puid --umask 077 app sh -c umask; tsgosu --exec --puid --umask 077 app sh -c umask
      UMASK=007 tsgosu --exec app tsgosu --exec --if-root --puid app sh -c umask`,
    stdout: "0002\n0077\n0022\n0002\n0077\n0007\n",
  },
  {
    name: "with --if-root and not root: PUID and PGID have no effect, whatever they are, and UMASK has",
    script: `umask 022; app() { tsgosu --exec app env "$1" "$2" tsgosu --exec --if-root --puid app sh -c 'id -u; umask'; }
      app PUID=none PGID=-1; app PUID=1000 UMASK=007; app PUID=1000 UMASK=none`,
    code: 125,
    stdout: "10001\n0022\n10001\n0007\n",
    stderr: /^tsgosu: --puid: UMASK='none': a umask is octal, from 0 to 0777\ntsgosu: hint: .+\n$/,
  },
  {
    name: "everything is read-only",
    script: `unshare -m --propagation private bash -c 'mount --bind / /mnt; mount -o remount,bind,ro /mnt; mount -t proc proc /mnt/proc; mount --bind /usr/local/bin/tsgosu /mnt/usr/local/bin/tsgosu; PUID=1000 PGID=1001 chroot /mnt tsgosu --puid app id -u; lines'`,
    stdout: `1000\n${OLD_LINES}`,
    stderr:
      /^tsgosu: home directory \/home\/app: not chowned: read-only file system\ntsgosu: \/etc\/group: cannot be written: .*\ntsgosu: \/etc\/passwd: cannot be written: read-only file system; continuing with the IDs 1000:1001\n$/,
  },
  {
    name: "a home that may not be chowned: the user keeps its IDs",
    script: `PUID=1000 setpriv --bounding-set -chown --inh-caps -all tsgosu --puid app echo ran; code=$?; lines; exit $code`,
    code: 125,
    stdout: OLD_LINES,
    stderr:
      /^tsgosu: --puid: \/home\/app\/file: cannot be given to the user: operation not permitted\ntsgosu: hint: .*--no-chown/,
  },
  {
    name: "PUID=0 where the user is root, who stays root",
    script: `export PUID=0; tsgosu --puid root id -u; PGID=0 tsgosu --puid root id -u; PGID=5 tsgosu --puid root id -g; PUID=1000 tsgosu --puid root id -u`,
    stdout: "0\n0\n0\n0\n",
    stderr: "tsgosu: --puid: root keeps 0:0\ntsgosu: --puid: root stays root, although PUID and PGID are 1000:0\n",
  },
  {
    name: "not root",
    script: `setpriv --reuid 1000 --regid 1001 --clear-groups env PUID=1000 PGID=1001 tsgosu --puid app id -u
      tsgosu app env PUID=1000 tsgosu --if-root --puid app id -u; tsgosu app env PUID=1000 tsgosu --puid app echo ran`,
    code: 125,
    stdout: "1000\n10001\n",
    stderr:
      /^tsgosu: --puid: PUID and PGID are 1000:10001, and only root may give these IDs to app \(10001:10001\)\ntsgosu: hint: .+\n$/,
  },
  refused("PUID", "0", "the user must not become root"),
  refused("PUID", "00", "the user must not become root"),
  refused("PUID", "app", "an ID is a number from 0 to 4294967294"),
  refused("PUID", "4294967295", "an ID is a number from 0 to 4294967294"),
  refused("PUID", " 1000", "an ID is a number from 0 to 4294967294"),
  refused("PUID", "-1", "an ID is a number from 0 to 4294967294"),
  refused("PGID", "1e3", "an ID is a number from 0 to 4294967294"),
  refused("UMASK", "8", "a umask is octal, from 0 to 0777"),
  refused("UMASK", "1777", "a umask is octal, from 0 to 0777"),
];

onBoth(t, "--puid", (t, executable) => holdCases(t, executable, CASES, { before: BEFORE, flags: MAY_MOUNT }));

if (OWNS_MAPPED_IMAGE)
  onBoth(t, "a PUID that the user namespace does not map changes nothing", async (t, executable) => {
    for (const name of ["PUID", "PGID"]) {
      const script = `${name}=70000 who; code=$?; lines; exit $code`;
      const { code, stdout, stderr } = await runScript(executable, script, { before: BEFORE, flags: MAPPED });
      t.same({ code, stdout }, { code: 125, stdout: OLD_LINES });
      t.match(
        stderr,
        new RegExp(
          `^tsgosu: --puid: ${name} 70000 is not mapped in this user namespace \\(mapped: 0-65535\\)\ntsgosu: hint: .+\n$`,
        ),
      );
    }
  });

onBoth(t, "owner and mode on the host's side", async (t, executable) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-puid-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const flags = ["-v", `${directory}:/mnt`, "-e", "PUID=4711", "-e", "PGID=4712", "-e", "UMASK=002"];
  const ran = await run(executable, ["--puid", "--chown", "/mnt", "nobody", "touch", "/mnt/file"], { flags });
  t.equal(ran.code, 0, ran.stderr);
  const { mode, uid, gid } = statSync(join(directory, "file"));
  t.same({ mode: mode & 0o7777, uid, gid }, { mode: 0o664, uid: 4711, gid: 4712 });
});
