// --group-of, --keep-groups and --umask: which groups the command is in, and which files it makes.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type ExpectedCase, holdCases, runScript } from "../support/cases.ts";
import { MAPPED, MAY_MOUNT, OWNS_MAPPED_IMAGE, run } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";

/** A user, its home, and the socket of a daemon in a directory of root's, as Docker's is. */
const BEFORE = `
[ -e /tmp/passwd0 ] || { cp -a /etc/passwd /tmp/passwd0; cp -a /etc/group /tmp/group0; }
cp -a /tmp/passwd0 /etc/passwd; cp -a /tmp/group0 /etc/group
echo "app:x:10001:10001:The App:/home/app:/bin/sh" >>/etc/passwd; echo "app:x:10001:" >>/etc/group; echo "more:x:6001:app" >>/etc/group
rm -rf /run/daemon /app /home/app; mkdir -p /run/daemon /app /home/app; chown 10001:10001 /home/app
perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un("/run/daemon/socket") or die'
chown 0:998 /run/daemon/socket; chmod 660 /run/daemon/socket`;

const CASES: readonly ExpectedCase[] = [
  {
    name: "the group of a socket, in addition to the user's own",
    script: "tsgosu --group-of /run/daemon/socket app id -G; tsgosu --group-of /var/run/daemon/socket app id -G",
    stdout: "10001 998 6001\n10001 998 6001\n",
  },
  {
    name: "several, and one that the user has already",
    script: `echo "daemon:x:998:app" >>/etc/group; chgrp 44 /app; tsgosu --group-of /run/daemon/socket --group-of /app app id -G`,
    stdout: "10001 44 998 6001\n",
  },
  {
    name: "a user-spec with a group, and one without a line",
    script:
      "tsgosu --group-of /run/daemon/socket app:staff id -G; tsgosu --group-of /run/daemon/socket 4711:4712 id -G",
    stdout: "50 998\n4712 998\n",
  },
  {
    name: "with --match",
    script: "chown 1000:1000 /app; tsgosu --match /app --group-of /run/daemon/socket app id -G",
    stdout: "1000 998 6001\n",
  },
  {
    name: "with --restricted, and in the report",
    script: `tsgosu --restricted --group-of /run/daemon/socket app id -G
      tsgosu --group-of /run/daemon/socket --check --json app | grep -o '"groups":"[^"]*"' | tr , '\\n' | grep 998`,
    stdout: '10001 998 6001\n"groups":"998\n',
  },
  {
    name: "--verbose",
    script: "tsgosu --verbose --group-of /run/daemon/socket app true",
    stderr:
      /^tsgosu: joins group 998, which owns \/run\/daemon\/socket\ntsgosu: became app, 10001:10001 with groups 998,6001\n$/,
  },
  {
    name: "root's group is refused",
    script: "chgrp 0 /run/daemon/socket; tsgosu --group-of /run/daemon/socket app echo ran",
    code: 125,
    stderr:
      /^tsgosu: --group-of \/run\/daemon\/socket: its group is root's, which app must not join\ntsgosu: hint: .+\n$/,
  },
  {
    name: "root's group, which the user has",
    script: `chgrp 0 /run/daemon/socket; tsgosu --group-of /run/daemon/socket app:0 id -G
      sed -i 's/^root:x:0:$/root:x:0:app/' /etc/group; tsgosu --group-of /run/daemon/socket app id -G`,
    stdout: "0\n10001 0 6001\n",
  },
  {
    name: "a path that is missing",
    script: "tsgosu --group-of /nope app echo ran",
    code: 125,
    stderr: /^tsgosu: --group-of \/nope: no such file or directory\ntsgosu: hint: .+\n$/,
  },
  {
    name: "a link of the user's",
    script: "ln -s /etc/shadow /home/app/l; chown -h app /home/app/l; tsgosu --group-of /home/app/l app echo ran",
    code: 125,
    stderr: /^tsgosu: --group-of \/home\/app/,
  },
  {
    name: "a file that the user has put there: a hard link to one of another group",
    script:
      "touch /home/shadow; chown 0:42 /home/shadow; ln /home/shadow /home/app/l; tsgosu --group-of /home/app/l app echo ran",
    code: 125,
    stderr:
      /^tsgosu: --group-of \/home\/app\/l: its owner, UID 10001, can change what is in \/home\/app\ntsgosu: hint: .+\n$/,
  },
  {
    name: "not root, in the group and not in it",
    script: `setpriv --reuid 10001 --regid 10001 --groups 6001,998 tsgosu --group-of /run/daemon/socket app id -G
      tsgosu app tsgosu --group-of /run/daemon/socket app echo ran; echo $?; tsgosu app tsgosu --if-root --group-of /run/daemon/socket app id -G`,
    stdout: "10001 998 6001\n125\n10001 6001\n",
    stderr:
      /^tsgosu: cannot become 10001:10001 with groups 6001,998: tsgosu runs as 10001:10001 .*only root may switch\n/,
  },
  {
    name: "the groups that tsgosu was started with",
    script: `setpriv --groups 0,5000,7000,6001 tsgosu --keep-groups app id -G; setpriv --groups 0,5000 tsgosu app id -G
      setpriv --groups 5000 tsgosu --keep-groups app:staff id -G; setpriv --clear-groups tsgosu --keep-groups app id -G`,
    stdout: "10001 5000 6001 7000\n10001 6001\n50 5000\n10001 6001\n",
  },
  {
    name: "the groups that tsgosu was started with, with --match and --group-of",
    script: `chown 1000:1000 /app; setpriv --groups 0,5000 tsgosu --keep-groups --match /app --group-of /run/daemon/socket app id -G`,
    stdout: "1000 998 5000 6001\n",
  },
  {
    name: "--umask, as init and not",
    script: `umask 022; for mode in --exec --init; do tsgosu $mode --umask 027 app sh -c 'umask; touch ~/f; mkdir ~/d; stat -c %a ~/f ~/d; rm -r ~/f ~/d'; done
      tsgosu --exec app sh -c umask; tsgosu --exec --if-root --umask 0 app sh -c umask; tsgosu --exec app tsgosu --exec --if-root --umask 77 app sh -c umask
      tsgosu --verbose --exec --umask 7 root true`,
    stdout: "0027\n640\n750\n0027\n640\n750\n0022\n0000\n0077\n",
    stderr: /^tsgosu: orphans .*\ntsgosu: already 0:0.*\ntsgosu: umask 007\n$/,
  },
  {
    name: "what tsgosu writes itself has its mode, whatever the umask",
    script: `chown 1000:1000 /app; chmod 644 /etc/passwd /etc/group; tsgosu --match /app --umask 777 app id -u; stat -c %a /etc/passwd /etc/group`,
    stdout: "1000\n644\n644\n",
  },
];

onBoth(t, "groups and umask", (t, executable) =>
  holdCases(t, executable, CASES, { before: BEFORE, flags: MAY_MOUNT, stderr: /^(tsgosu: orphans .*\n)*$/ }),
);

onBoth(t, "--group-add survives the switch", async (t, executable) => {
  const flags = ["--group-add=5000", "--group-add=5001"];
  const kept = await run(executable, ["--keep-groups", "1000:1000", "id", "-G"], { flags });
  t.same({ code: kept.code, stdout: kept.stdout }, { code: 0, stdout: "1000 5000 5001\n" }, kept.stderr);
  const dropped = await run(executable, ["1000:1000", "id", "-G"], { flags });
  t.equal(dropped.stdout, "1000\n");
});

onBoth(t, "a group that the user namespace does not map", async (t, executable) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-unmapped-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const flags = [...MAPPED, "-v", `${directory}:/mnt`];
  const { code, stdout, stderr } = await runScript(executable, "tsgosu --group-of /mnt 4711 echo ran", { flags });
  t.same({ code, stdout }, { code: 125, stdout: "" });
  t.match(
    stderr,
    /^tsgosu: --group-of \/mnt: its GID is not mapped in this user namespace, which shows it as 65534 \(mapped: 0-65535\)\ntsgosu: hint: .+\n$/,
  );
  if (!OWNS_MAPPED_IMAGE) return;
  const mapped = await runScript(
    executable,
    "mkdir /tmp/d; chgrp 998 /tmp/d; tsgosu --group-of /tmp/d 4711:4711 id -G",
    { flags },
  );
  t.equal(mapped.stdout, "4711 998\n", mapped.stderr);
});

onBoth(t, "--umask on the host's side", async (t, executable) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-umask-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const flags = ["-v", `${directory}:/mnt`];
  const ran = await run(executable, ["--umask", "002", "--chown", "/mnt", "4711:4712", "touch", "/mnt/file"], {
    flags,
  });
  t.equal(ran.code, 0, ran.stderr);
  const { mode, uid, gid } = statSync(join(directory, "file"));
  t.same({ mode: mode & 0o7777, uid, gid }, { mode: 0o664, uid: 4711, gid: 4712 });
});
