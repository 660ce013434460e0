// --match and --chown (DESIGN §6) in a container whose user `app` is 10001:10001, before each case.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { type ExpectedCase, holdCases, runScript } from "../support/cases.ts";
import { MAPPED, MAY_MOUNT, OWNS_MAPPED_IMAGE } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";
import { withPrimary } from "../support/words.ts";

const BEFORE = `
[ -e /tmp/passwd0 ] || cp -a /etc/passwd /tmp/passwd0
[ -e /tmp/group0 ] || cp -a /etc/group /tmp/group0
[ -n "$RESET" ] || RESET='rm -rf /app /data /home/app /etc/passwd /etc/group /real /other; cp -a /tmp/passwd0 /etc/passwd; cp -a /tmp/group0 /etc/group
echo "app:x:10001:10001:The App:/home/app:/bin/sh" >>/etc/passwd; echo "app:x:10001:" >>/etc/group
mkdir -p /home/app/dir /app /data; echo hi >/home/app/file; chown -R 10001:10001 /home/app'
eval "$RESET"
owners() { stat -c '%u:%g %n' "$@"; }
lines() { grep -hE "^(app|other):" /etc/passwd /etc/group; }
xattr() { perl -e '$v = "\\0" x 100; $n = syscall(192, $ARGV[0], $ARGV[1], $v, 100); print unpack("H*", substr($v, 0, $n < 0 ? 0 : $n)), "\\n"' "$@"; }
setxattr() { perl -e 'syscall(189, $ARGV[0], $ARGV[1], pack("H*", $ARGV[2]), length($ARGV[2]) / 2, 0) == 0 or die $!' "$@"; }
export -f owners lines xattr setxattr`;

/** What a case has to show. */
function who(uid: number, gid: number, groups = "", home = "/home/app"): string {
  return `uid=${uid},${uid},${uid} gid=${gid},${gid},${gid} groups=${withPrimary(gid, groups)} home=${home}\n`;
}

/** Root is that already, and keeps the groups that it has: none here. */
const ROOT = "uid=0,0,0 gid=0,0,0 groups= home=/root\n";

const RUN = "tsgosu --match /app app probe who";
const MATCHED_LINES = "app:x:1000:1000:The App:/home/app:/bin/sh\napp:x:1000:\n";
const OLD_LINES = "app:x:10001:10001:The App:/home/app:/bin/sh\napp:x:10001:\n";

/** Runs the rest of a script with mounts of its own. */
function mounting(script: string): string {
  return `unshare -m --propagation private bash <<'MOUNTING'\n${script}\nMOUNTING`;
}

const MATCH: readonly ExpectedCase[] = [
  {
    name: "the everyday case",
    script: `chown 1000:1000 /app
      tsgosu --match /app app bash -c 'probe who; id -un; id -gn; touch /app/new ~/new' && owners /app/new /home/app /home/app/{dir,file,new}; lines`,
    stdout: `${who(1000, 1000)}app\napp\n1000:1000 /app/new\n1000:1000 /home/app\n1000:1000 /home/app/dir\n1000:1000 /home/app/file\n1000:1000 /home/app/new\n${MATCHED_LINES}`,
  },
  {
    name: "macOS: the GID is another group's",
    script: `chown 501:20 /app; tsgosu --match /app app bash -c 'probe who; id -un; id -gn'; lines; owners /home/app/file`,
    stdout: `${who(501, 20)}app\ndialout\napp:x:501:20:The App:/home/app:/bin/sh\napp:x:10001:\n501:20 /home/app/file\n`,
  },
  {
    name: "the second start does nothing",
    script: `chown 1000:1000 /app; ${RUN}; i=$(stat -c %i%Y%Z /etc/passwd /etc/group); chown 10001 /home/app/file
      ${RUN}; owners /home/app/file; [ "$i" = "$(stat -c %i%Y%Z /etc/passwd /etc/group)" ] && echo untouched`,
    stdout: `${who(1000, 1000)}${who(1000, 1000)}10001:1000 /home/app/file\nuntouched\n`,
  },
  { name: "owned by the user", script: `chown 10001:10001 /app; ${RUN}; lines`, stdout: who(10001, 10001) + OLD_LINES },
  {
    name: "owned by root",
    script: `${RUN}; lines`,
    stdout: who(10001, 10001) + OLD_LINES,
    stderr:
      /^tsgosu: --match \/app: root owns it, so app keeps 10001:10001\ntsgosu: hint: chown it on the host[^\n]*--chown \/app[^\n]*keep-id[^\n]*\n$/,
  },
  {
    name: "owned by root, and a group of others",
    script: `chown 0:1000 /app; ${RUN}`,
    stdout: who(10001, 10001),
    stderr: /root owns it/,
  },
  {
    name: "only the GID differs",
    script: `chown 10001:1000 /app; ${RUN}; lines; owners /home/app/file`,
    stdout: `${who(10001, 1000)}app:x:10001:1000:The App:/home/app:/bin/sh\napp:x:1000:\n10001:1000 /home/app/file\n`,
  },
  {
    name: "a file",
    script: `touch /real; chown 1000:1000 /real; tsgosu --match /real app probe who`,
    stdout: who(1000, 1000),
  },
  {
    name: "a link of root's",
    script: `mkdir /real; chown 1000:1000 /real; rmdir /app; ln -s real /app; ${RUN}`,
    stdout: who(1000, 1000),
  },
  {
    name: "a link on the way, absolute and with ..",
    script: `mkdir -p /real/a/b; chown 1000:1000 /real/a/b; rmdir /app; ln -s /real/a/../a /app; tsgosu --match //app/./b/ app probe who`,
    stdout: who(1000, 1000),
  },
  {
    name: "a relative path",
    script: `mkdir -p /real/a; chown 1000:1000 /real/a; cd /real; tsgosu --match a app probe who`,
    stdout: who(1000, 1000),
  },
  {
    name: "a link in a directory of the user's",
    script: `mkdir /real; chown 1000:1000 /real; ln -s /real /home/app/link; tsgosu --match /home/app/link app true; c=$?; lines; exit $c`,
    code: 125,
    stdout: OLD_LINES,
    stderr:
      /^tsgosu: --match \/home\/app\/link: its owner, UID 10001, can change what is in \/home\/app\ntsgosu: hint: PATH should be the mount point.+\n$/,
  },
  {
    name: "a relative path in a directory of the user's",
    script: `cd /home/app; mkdir data; chown 1000:1000 data; tsgosu --match data app true; c=$?; lines; exit $c`,
    code: 125,
    stdout: OLD_LINES,
    stderr: /^tsgosu: --match data: its owner, UID 10001, can change what is in \/home\/app\n/,
  },
  {
    name: "a mount point in a directory of the user's",
    script: mounting(
      `mkdir /home/app/data; mount --bind /app /home/app/data; chown 1000:1000 /app; tsgosu --match /home/app/data app probe who; owners /home/app/data /home/app/file`,
    ),
    stdout: `${who(1000, 1000)}1000:1000 /home/app/data\n1000:1000 /home/app/file\n`,
  },
  {
    name: "a home in a directory of the user's",
    script: `chown app /home; chown 1000:1000 /app; ${RUN}; c=$?; lines; tsgosu --match /app --no-chown app probe who; chown root /home; exit $c`,
    code: 125,
    stdout: OLD_LINES + who(1000, 1000),
    stderr:
      /^tsgosu: home directory \/home\/app: cannot be chowned: its owner, UID 10001, can change what is in \/home\ntsgosu: hint: --no-chown .+\n$/,
  },
  {
    name: "what is the system's and root's",
    script: `for p in / /proc /sys /dev /etc /app/..; do tsgosu --match $p app true; echo $?; done; lines`,
    stdout: "125\n".repeat(6) + OLD_LINES,
    stderr: /^(tsgosu: --match \S+: is a system directory\ntsgosu: hint: .+\n){6}$/,
  },
  {
    name: "what is the system's",
    script: `mkdir -p /etc/some/where; chown 1000:1000 /etc/some/where; tsgosu --match /etc/some/where app true; c=$?; lines; rm -r /etc/some; exit $c`,
    code: 125,
    stdout: OLD_LINES,
    stderr: /^tsgosu: --match \/etc\/some\/where: is a system directory\n/,
  },
  {
    name: "a path that is missing",
    script: "tsgosu --match /nope app true",
    code: 125,
    stderr: /^tsgosu: --match \/nope: no such file or directory\ntsgosu: hint: .+\n$/,
  },
  {
    name: "a dangling link",
    script: `rmdir /app; ln -s /nope /app; ${RUN}`,
    code: 125,
    stderr: /^tsgosu: --match \/app: a symbolic link leads nowhere\ntsgosu: hint: /,
  },
  {
    name: "a loop of links",
    script: `rmdir /app; ln -s app /app; ${RUN}`,
    code: 125,
    stderr: /^tsgosu: --match \/app: too many levels of symbolic links\n/,
  },
  {
    name: "an empty path",
    script: `tsgosu --match "" app true`,
    code: 125,
    stderr: /^tsgosu: --match: its value is missing or empty\n/,
  },
  {
    name: "the UID is another user's, who stands first",
    script: `sed -i '1i other:x:1000:1000::/:' /etc/passwd; echo other:x:1000: >>/etc/group; chown 1000:1000 /app
      tsgosu --match /app app bash -c 'probe who; id -un; id -gn'; lines; head -2 /etc/passwd | cut -d: -f1`,
    stdout: `${who(1000, 1000)}app\nother\napp:x:1000:1000:The App:/home/app:/bin/sh\nother:x:1000:1000::/:\napp:x:10001:\nother:x:1000:\napp\nother\n`,
  },
  {
    name: "the UID is another user's, who stands last",
    script: `echo other:x:1000:1000::/: >>/etc/passwd; chown 1000:1000 /app; tsgosu --match /app app id -un; lines`,
    stdout: "app\napp:x:1000:1000:The App:/home/app:/bin/sh\nother:x:1000:1000::/:\napp:x:1000:\n",
  },
  {
    name: "supplementary groups stay",
    script: `echo extra:x:5000:app,other >>/etc/group; chown 1000:1000 /app; ${RUN}`,
    stdout: who(1000, 1000, "5000"),
  },
  {
    name: "the user's group is others' too",
    script: `echo other:x:10002:10001::/: >>/etc/passwd; chown 1000:1000 /app; ${RUN}; lines`,
    stdout: `${who(1000, 1000)}app:x:1000:1000:The App:/home/app:/bin/sh\nother:x:10002:10001::/:\napp:x:10001:\n`,
  },
  {
    name: "the user's group is root's",
    script: `sed -i 's/^app:x:10001:10001/app:x:10001:0/' /etc/passwd; chown 1000:1000 /app; ${RUN}; grep ^root /etc/group; lines`,
    stdout: `${who(1000, 1000)}root:x:0:\napp:x:1000:1000:The App:/home/app:/bin/sh\napp:x:10001:\n`,
  },
  {
    name: "with a group of its own choice",
    script: "chown 1000:1000 /app; tsgosu --match /app app:staff probe who; lines",
    stdout: who(1000, 50) + MATCHED_LINES,
  },
  {
    name: "with its own group",
    script: "chown 1000:1000 /app; tsgosu --match /app app:app probe who",
    stdout: who(1000, 1000),
  },
  {
    name: "by number, twice",
    script: "chown 1000:1000 /app; tsgosu --match /app 10001 probe who; lines; tsgosu --match /app 10001 probe who",
    stdout: who(1000, 1000) + MATCHED_LINES + who(1000, 1000),
  },
  {
    name: "a number without a line",
    script: "chown 1000:1000 /app; tsgosu --match /app 4711:4712 probe who; lines",
    stdout: who(1000, 1000, "", "/") + OLD_LINES,
  },
  {
    name: "no files at all",
    script: "rm /etc/passwd /etc/group; chown 1000:1000 /app; tsgosu --match /app 4711 probe who; ls /etc/passwd",
    stdout: who(1000, 1000, "", "/"),
    code: 2,
    stderr: /./,
  },
  {
    name: "root stays root",
    script: "chown 1000:1000 /app; setpriv --clear-groups tsgosu --match /app root probe who; lines",
    stdout: ROOT + OLD_LINES,
    stderr: /^tsgosu: --match \/app: root stays root, although it belongs to 1000:1000\n$/,
  },
  {
    name: "the current user is root",
    script: "chown 1000:1000 /app; setpriv --clear-groups tsgosu --match /app : probe who",
    stdout: ROOT,
    stderr: /root stays root/,
  },
  {
    name: "TSGOSU_MATCH=no",
    script: `chown 1000:1000 /app; TSGOSU_MATCH=no ${RUN}; lines`,
    stdout: who(10001, 10001) + OLD_LINES,
  },
  {
    name: "TSGOSU_MATCH is a word for no",
    script: `chown 1000:1000 /app; for word in NO No false False FALSE off 0; do TSGOSU_MATCH=$word ${RUN} || echo $word; done; lines`,
    stdout: who(10001, 10001).repeat(7) + OLD_LINES,
  },
  {
    name: "TSGOSU_MATCH is neither a path nor no",
    script: `chown 1000:1000 /app; mkdir none; cd /; for word in none yes ./app 00; do TSGOSU_MATCH=$word ${RUN}; done; lines`,
    stdout: OLD_LINES,
    stderr:
      /^(tsgosu: TSGOSU_MATCH '(none|yes|\.\/app|00)': neither an absolute path nor 'no'\ntsgosu: hint: [^\n]*\n){4}$/,
  },
  {
    name: "TSGOSU_MATCH is a path that is missing",
    script: `TSGOSU_MATCH=/nope ${RUN}`,
    code: 125,
    stderr: /^tsgosu: TSGOSU_MATCH \/nope: no such file or directory\ntsgosu: hint: .+\n$/,
  },
  {
    name: "TSGOSU_MATCH=DIR",
    script: `mkdir /real; chown 1001:1002 /real; TSGOSU_MATCH=/real ${RUN}`,
    stdout: who(1001, 1002),
  },
  { name: "TSGOSU_MATCH is empty", script: `chown 1000:1000 /app; TSGOSU_MATCH= ${RUN}`, stdout: who(1000, 1000) },
  {
    name: "TSGOSU_MATCH without --match",
    script: "chown 1000:1000 /app; TSGOSU_MATCH=/app tsgosu app probe who",
    stdout: who(10001, 10001),
  },
  {
    name: "--no-chown",
    script: "chown 1000:1000 /app; tsgosu --match /app --no-chown app probe who; owners /home/app/file; lines",
    stdout: `${who(1000, 1000)}10001:10001 /home/app/file\n${MATCHED_LINES}`,
  },
  {
    name: "others' files in the home are left alone",
    script: `chown 1000:1000 /app; cd /home/app; touch root group user; chown 0:0 root; chown 0:10001 group; chown 10001:0 user; ${RUN}; owners root group user`,
    stdout: `${who(1000, 1000)}0:0 root\n0:1000 group\n1000:0 user\n`,
  },
  {
    name: "a home that may not be re-owned: the user keeps its IDs, until the next start",
    script: `chown 1000:1000 /app; setpriv --bounding-set -chown --inh-caps -all ${RUN}; code=$?; owners /home/app/file; lines; exit $code`,
    code: 125,
    stdout: `10001:10001 /home/app/file\n${OLD_LINES}`,
    stderr:
      /^tsgosu: --match: \/home\/app\/\S+: cannot be given to the user: operation not permitted\ntsgosu: hint: .*CHOWN.*--no-chown/,
  },
  {
    name: "--check says whom the command would be, and changes nothing",
    script: `chown 1000:50 /app; chown root /data; tsgosu --match /app --chown /data --check --json app | grep -o '"uid":"[^"]*","gid":"[^"]*"'; owners /home/app/file /data; lines`,
    stdout: `"uid":"1000","gid":"50"\n10001:10001 /home/app/file\n0:0 /data\n${OLD_LINES}`,
  },
  {
    name: "--check says which groups",
    script: `sed -i 's/^app:x:10001:$/app:x:10001:app/' /etc/group; echo extra:x:6001:app >>/etc/group; chown 1000:1000 /app; tsgosu --match /app --check --json app | grep -o '"groups":"[^"]*"'; ${RUN}`,
    stdout: `"groups":"1000,6001"\n${who(1000, 1000, "1000,6001")}`,
  },
  {
    name: "a home that is root's own",
    script: `sed -i 's#/home/app#/#' /etc/passwd; chown 1000:1000 /app; ${RUN}; owners /home/app/file`,
    stdout: `${who(1000, 1000, "", "/")}10001:10001 /home/app/file\n`,
    stderr: /home directory \/: not chowned/,
  },
  {
    name: "a home that does not exist",
    script: `rm -r /home/app; chown 1000:1000 /app; ${RUN}`,
    stdout: who(1000, 1000),
  },
  {
    name: "not root, and the owner",
    script: `chown 1000:1000 /app; tsgosu 1000:1000 ${RUN}; lines`,
    stdout: who(1000, 1000) + OLD_LINES,
  },
  {
    name: "not root, and the owner but for the group",
    script: `chown 1000:1000 /app; tsgosu 1000:0 ${RUN}`,
    stdout: who(1000, 0),
  },
  {
    name: "not root, the user, and the owner",
    script: `chown app:app /app; tsgosu app ${RUN}`,
    stdout: who(10001, 10001),
  },
  {
    name: "not root, and not the owner",
    script: `chown 1000:1000 /app; tsgosu app ${RUN}`,
    code: 125,
    stderr:
      /^tsgosu: --match \/app: it belongs to 1000:1000, and only root may give these IDs to app \(10001:10001\)\ntsgosu: hint: .*--user 1000:1000\n$/,
  },
  {
    name: "not root, and --if-root",
    script: `chown 1000:1000 /app; tsgosu app tsgosu --if-root --match /app app probe who`,
    stdout: who(10001, 10001),
  },
];

const FILES: readonly ExpectedCase[] = [
  {
    name: "every other byte is kept",
    script: `chown 1000:1000 /app
      printf '# x:1\\r\\n\\xff\\xfe:garbage\\n\\n app:x:10001:10001:\\xc3\\xa9:/home/app:/bin/sh \\r\\nbad:line\\n::\\napp:x:10001:7::/:\\nlast:x:7:7::/:' >/etc/passwd
      printf '#c\\n\\xff\\napp:x:10001:a,\\xff\\r\\nlast:x:8:' >/etc/group
      sed 's/^ app:x:10001:10001/ app:x:1000:1000/' /etc/passwd >/tmp/p; sed 's/^app:x:10001/app:x:1000/' /etc/group >/tmp/g
      ${RUN}; cmp /tmp/p /etc/passwd && cmp /tmp/g /etc/group && echo same`,
    stdout: `${who(1000, 1000)}same\n`,
  },
  {
    name: "the last line moves up without its newline",
    script: `chown 1000:1000 /app; printf 'root:x:0:0::/root:\\nother:x:1000:1000::/:\\napp:x:10001:10001::/home/app:' >/etc/passwd; ${RUN}; tr '\\n' '|' </etc/passwd`,
    stdout: `${who(1000, 1000)}root:x:0:0::/root:|app:x:1000:1000::/home/app:|other:x:1000:1000::/:`,
  },
  {
    name: "mode, owner and attributes are kept",
    script: `chown 1000:1000 /app; chown 0:42 /etc/passwd; chmod 640 /etc/passwd; chmod 4604 /etc/group; setxattr /etc/passwd user.some 616263
      tsgosu --match /app app true; stat -c '%a %u:%g' /etc/passwd /etc/group; xattr /etc/passwd user.some; ls /etc | grep '^\\(passwd\\|group\\)'`,
    stdout: "640 0:42\n4604 0:0\n616263\ngroup\ngroup-\npasswd\npasswd-\n",
  },
  {
    name: "the lock is waited for",
    script: `chown 1000:1000 /app
      perl -e 'use Fcntl; $| = 1; open F, ">>", "/etc/.pwd.lock"; $l = pack("ssx4qqlx4", F_WRLCK, 0, 0, 0, 0); fcntl F, F_SETLK, $l or die; open T, ">", "/tmp/locked"; close T; select undef, undef, undef, 1.5; open P, "<", "/etc/passwd"; print grep /^app/, <P>' &
      until [ -e /tmp/locked ]; do sleep 0.01; done; rm /tmp/locked
      ${RUN}; wait`,
    stdout: `app:x:10001:10001:The App:/home/app:/bin/sh\n${who(1000, 1000)}`,
  },
  {
    name: "the lock cannot be opened: nothing is written",
    script: `chown 1000:1000 /app; rm -f /etc/.pwd.lock; mkdir /etc/.pwd.lock; ${RUN}; code=$?; rmdir /etc/.pwd.lock; lines; exit $code`,
    code: 125,
    stdout: OLD_LINES,
    stderr: /^tsgosu: \/etc\/\.pwd\.lock: cannot be opened: is a directory\ntsgosu: hint: .+\n$/,
  },
  {
    name: "the lock is a FIFO, which nobody reads",
    script: `chown 1000:1000 /app; rm -f /etc/.pwd.lock; mkfifo /etc/.pwd.lock; ${RUN}; code=$?; rm /etc/.pwd.lock; lines; exit $code`,
    code: 125,
    stdout: OLD_LINES,
    stderr: /^tsgosu: \/etc\/\.pwd\.lock: cannot be opened: .+\ntsgosu: hint: .+\n$/,
  },
  {
    name: "the last group has no newline, and its last member holds the name",
    script: `printf web:x:10001:webapp >>/etc/group; chown 1000:1000 /app; ${RUN}; lines`,
    stdout: who(1000, 1000) + MATCHED_LINES,
  },
  {
    name: "names from passwd are made printable",
    script: `sed -i '/^app:/d' /etc/passwd; printf 'a\\033p:x:10001:10001::/home/app:\\n' >>/etc/passwd; chown 1000:1000 /app; tsgosu --verbose --match /app 10001 true`,
    stderr: /^[ -~\n]*: a\\x1bp takes over 1000:1000[ -~\n]* became a\\x1bp[ -~\n]*$/,
  },
  {
    name: "passwd and group are mounts",
    script:
      mounting(`for f in passwd group; do cp /etc/$f /tmp/m$f; mount --bind /tmp/m$f /etc/$f; done; chown 1000:1000 /app; i=$(stat -c %i /etc/passwd)
      tsgosu --match /app app probe who; [ $i = $(stat -c %i /etc/passwd) ] && lines; tail -n 1 /tmp/mpasswd | wc -c; ls /etc/passwd+ /etc/group+ 2>/dev/null
      chown 123456789:1234567890 /app; tsgosu --match /app app probe who; lines; wc -l </etc/passwd`),
    stdout: `${who(1000, 1000)}${MATCHED_LINES}42\n${who(123456789, 1234567890)}app:x:123456789:1234567890:The App:/home/app:/bin/sh\napp:x:1234567890:\n19\n`,
  },
  {
    name: "/etc is read-only",
    script: mounting(
      `mount --bind /etc /etc; mount -o remount,bind,ro /etc; chown 1000:1000 /app; ${RUN}; lines; owners /home/app/file`,
    ),
    stdout: `${who(1000, 1000)}${OLD_LINES}1000:1000 /home/app/file\n`,
    stderr:
      "tsgosu: /etc/group: cannot be written: read-only file system; continuing with the IDs 1000:1000\ntsgosu: /etc/passwd: cannot be written: read-only file system; continuing with the IDs 1000:1000\n",
  },
  {
    name: "everything is read-only",
    script: mounting(
      `chown 1000:1000 /app; mount --bind / /mnt; mount -o remount,bind,ro /mnt; mount -t proc proc /mnt/proc; mount --bind /usr/local/bin/tsgosu /mnt/usr/local/bin/tsgosu; mount --bind /usr/local/bin/probe /mnt/usr/local/bin/probe; chroot /mnt ${RUN}; lines`,
    ),
    stdout: who(1000, 1000) + OLD_LINES,
    stderr:
      /^tsgosu: home directory \/home\/app: not chowned: read-only file system\ntsgosu: \/etc\/group: cannot be written.*\ntsgosu: \/etc\/passwd: cannot/,
  },
  {
    name: "a limit on the size of files",
    script: `chown 1000:1000 /app; head -c 2000 /dev/zero | tr '\\0' '#' >>/etc/passwd; echo >>/etc/passwd; cp /etc/passwd /tmp/before
      (ulimit -f 1; ${RUN}); cmp /tmp/before /etc/passwd && ls /etc | grep '^passwd'; ${RUN}; grep ^app: /etc/passwd`,
    stdout: `${who(1000, 1000)}passwd\npasswd-\n${who(1000, 1000)}app:x:1000:1000:The App:/home/app:/bin/sh\n`,
    stderr: "tsgosu: /etc/passwd: cannot be written: file too large; continuing with the IDs 1000:1000\n",
  },
  {
    name: "the disk is full",
    script:
      mounting(`mkdir /tmp/full; mount -t tmpfs -o size=256k none /tmp/full; cp -a /etc/passwd /etc/group /tmp/full; mount --bind /tmp/full /etc
      cat /dev/zero >/etc/zero 2>/dev/null; chown 1000:1000 /app; cp /etc/passwd /tmp/before; ${RUN}; cmp /tmp/before /etc/passwd && ls /etc`),
    stdout: `${who(1000, 1000)}group\npasswd\nzero\n`,
    stderr:
      /^tsgosu: \/etc\/group: cannot be written: no space left on device; .*\ntsgosu: hint: \/etc\/passwd is left unchanged until a start can write \/etc\/group\n$/,
  },
];

const OWN: readonly ExpectedCase[] = [
  {
    name: "a fresh volume, and the next start",
    script: `mkdir -p /data/a/b; touch /data/a/f; tsgosu --chown /data app probe who; owners /data /data/a /data/a/b /data/a/f
      touch /data/a/root; tsgosu --chown /data app true; owners /data/a/root`,
    stdout: `${who(10001, 10001)}10001:10001 /data\n10001:10001 /data/a\n10001:10001 /data/a/b\n10001:10001 /data/a/f\n0:0 /data/a/root\n`,
  },
  {
    name: "several, one in another",
    script: `mkdir -p /data/in /app/x; touch /data/in/f; tsgosu --chown /data/in --chown /app --chown /data app true; owners /data /data/in /data/in/f /app /app/x`,
    stdout: "10001:10001 /data\n10001:10001 /data/in\n10001:10001 /data/in/f\n10001:10001 /app\n10001:10001 /app/x\n",
  },
  {
    name: "with --match",
    script: `touch /data/f; chown 1000:1000 /app; tsgosu --match /app --chown /data app probe who; owners /data /data/f`,
    stdout: `${who(1000, 1000)}1000:1000 /data\n1000:1000 /data/f\n`,
  },
  {
    name: "to a group of the user-spec",
    script: `touch /data/f; tsgosu --chown /data app:staff true; owners /data /data/f`,
    stdout: "10001:50 /data\n10001:50 /data/f\n",
  },
  {
    name: "a file",
    script: "touch /data/f; tsgosu --chown /data/f app true; owners /data /data/f",
    stdout: "0:0 /data\n10001:10001 /data/f\n",
  },
  {
    name: "a link of root's",
    script:
      "mkdir /real; touch /real/f; ln -s /real /data/l; tsgosu --chown /data/l app true; owners /real /real/f /data/l",
    stdout: "10001:10001 /real\n10001:10001 /real/f\n0:0 /data/l\n",
  },
  {
    name: "a link in a directory of the user's",
    script:
      "mkdir /real; chown app /data; ln -s /real /data/l; tsgosu --chown /data/l app true; c=$?; owners /real; exit $c",
    code: 125,
    stdout: "0:0 /real\n",
    stderr: /^tsgosu: --chown \/data\/l: its owner, UID 10001, can change what is in \/data\n/,
  },
  {
    name: "in a directory that others than root may write",
    script: `chmod 777 /data; mkdir /data/in; touch /data/f; for p in in f; do tsgosu --chown /data/$p app true; done; chmod 1777 /data; for p in in f; do tsgosu --chown /data/$p app true; done; owners /data/*`,
    stdout: "0:0 /data/f\n10001:10001 /data/in\n",
    stderr: /^(tsgosu: --chown \/data\/(in|f): others than root can change what is in \/data\ntsgosu: hint: .+\n){3}$/,
  },
  {
    name: "a mount point in a directory of the user's",
    script: mounting(
      `mkdir /data/in /real; touch /real/f; chown app /data; mount --bind /real /data/in; tsgosu --chown /data/in app true; owners /real /real/f`,
    ),
    stdout: "10001:10001 /real\n10001:10001 /real/f\n",
  },
  {
    name: "another group of the user's is no sign of work",
    script: `chown app:games /data; touch /data/f; tsgosu --chown /data app true; owners /data /data/f`,
    stdout: "10001:60 /data\n0:0 /data/f\n",
  },
  {
    name: "missing",
    script: "tsgosu --chown /nope app true",
    code: 125,
    stderr: /^tsgosu: --chown \/nope: no such file or directory\ntsgosu: hint: /,
  },
  {
    name: "what is the system's",
    script: `ln -s / /data/root; mkdir /etc/some; for p in / /proc /sys /dev /etc /etc/ /data/../etc /data/root /proc/self/root /etc/some /dev/shm; do tsgosu --chown $p app true; echo $?; done; owners / /etc /etc/some; rmdir /etc/some`,
    stdout: `${"125\n".repeat(11)}0:0 /\n0:0 /etc\n0:0 /etc/some\n`,
    stderr: /^(tsgosu: --chown \S+: is a system directory\ntsgosu: hint: .+\n){11}$/,
  },
  {
    name: "the root directory, mounted elsewhere",
    script: mounting(
      "mkdir -p /again; mount --bind / /again; tsgosu --chown /again app true; code=$?; owners / /etc; exit $code",
    ),
    code: 125,
    stdout: "0:0 /\n0:0 /etc\n",
    stderr: /^tsgosu: --chown \/again: is a system directory\n/,
  },
  {
    name: "not root, and the user's",
    script: "chown app:app /data; tsgosu app tsgosu --chown /data app probe who",
    stdout: who(10001, 10001),
  },
  {
    name: "not root, and not the user's",
    script: "tsgosu app tsgosu --chown /data app true",
    code: 125,
    stderr: /^tsgosu: --chown \/data: it belongs to 0:0, and only root may give it to 10001:10001\ntsgosu: hint: /,
  },
  {
    name: "files of every kind",
    script: `cd /data; mkfifo fifo; mknod null c 1 3; mknod block b 7 200; perl -MSocket -e 'socket S, AF_UNIX, SOCK_STREAM, 0; bind S, sockaddr_un("socket")'
      ln -s /etc/shadow link; ln -s /nope dangling; ln -s /etc dirlink; touch $'new\\nline' $'\\xff\\xfe' ' ' -- -dash '*'; mkdir $'d\\xffr'; touch $'d\\xffr/f'
      tsgosu --chown /data app true; find /data ! \\( -user 10001 -group 10001 \\); find /data | wc -l; owners /etc/shadow /etc /etc/passwd`,
    stdout: "16\n0:42 /etc/shadow\n0:0 /etc\n0:0 /etc/passwd\n",
  },
  {
    name: "setuid, setgid and capabilities go",
    script: `cd /data; for m in 4755 2755 6711 1777 2644 0000; do touch f$m; chmod $m f$m; done; touch theirs; chown 10002:10002 theirs; chmod 6755 theirs; mkdir d; chmod 2770 d; cp /bin/true cap; setxattr cap security.capability 0100000200040000000000000000000000000000
      tsgosu --chown /data app true; stat -c '%u:%g %a %n' f* theirs d cap; xattr cap security.capability`,
    stdout:
      "10001:10001 0 f0000\n10001:10001 1777 f1777\n10001:10001 2644 f2644\n10001:10001 755 f2755\n10001:10001 755 f4755\n10001:10001 711 f6711\n10001:10001 755 theirs\n10001:10001 2770 d\n10001:10001 755 cap\n\n",
    stderr: "tsgosu: /data: setuid or setgid bits or capabilities removed from 5 files\n",
  },
  {
    name: "hard links inside the tree, and to elsewhere",
    script: `mkdir -p /data/a/b; cd /data; touch one three; ln one a/two; ln three a/three; ln three a/b/three; mkdir /other; touch /other/f; ln /other/f a/f; ln -s x link; ln link a/link
      tsgosu --chown /data app true; find . | sort | xargs stat -c '%u:%g %n'`,
    stdout: `${[".", "./a", "./a/b", "./a/b/three"].map((name) => `10001:10001 ${name}\n`).join("")}0:0 ./a/f\n${["./a/link", "./a/three", "./a/two", "./link", "./one", "./three"].map((name) => `10001:10001 ${name}\n`).join("")}`,
    stderr:
      "tsgosu: /data: 1 link left unchanged, to files that also have links elsewhere, or are being changed: /data/a/f\n",
  },
  {
    name: "other file systems are not entered",
    script:
      mounting(`mkdir /data/tmpfs /data/bind /real; touch /real/f /data/file; mount -t tmpfs none /data/tmpfs; touch /data/tmpfs/f; mount --bind /real /data/bind; mount --bind /real/f /data/file
      tsgosu --chown /data app true; owners /data /data/tmpfs /data/tmpfs/f /data/bind /data/bind/f /data/file`),
    stdout: "10001:10001 /data\n0:0 /data/tmpfs\n0:0 /data/tmpfs/f\n0:0 /data/bind\n0:0 /data/bind/f\n0:0 /data/file\n",
  },
  {
    name: "a mount of its own inside, named too",
    script: mounting(
      `mkdir /data/in; mount -t tmpfs -o mode=755 none /data/in; touch /data/in/f; tsgosu --chown /data --chown /data/in app true; owners /data /data/in /data/in/f`,
    ),
    stdout: "10001:10001 /data\n10001:10001 /data/in\n10001:10001 /data/in/f\n",
  },
  {
    name: "a thousand levels, longer than PATH_MAX",
    script: `cd /data; perl -e 'for (1..1000) { mkdir "level-$_" or die; chdir "level-$_" or die; open F, ">", "f"; mkdir "side"; }'
      (ulimit -n 64; tsgosu --verbose --chown /data app true) 2>&1 | grep files; perl -e 'chdir "/data"; for (1..1000) { for (".", "f", "side") { $n += (lstat)[4] == 10001 } chdir "level-$_" or die } for (".", "f", "side") { $n += (lstat)[4] == 10001 } print "$n\\n"'; rm -rf /data`,
    stdout: "tsgosu: /data: 3001 files chowned\n3001\n",
  },
  {
    name: "100,000 files in one directory",
    script: `mkdir /data/many; cd /data/many; perl -e 'for (1..100000) { open F, ">", "file-$_" }'; tsgosu --verbose --chown /data app true 2>&1 | grep files; find /data ! -user 10001 -o ! -group 10001 | wc -l; rm -rf /data`,
    stdout: "tsgosu: /data: 100002 files chowned\n0\n",
  },
  {
    name: "a file that cannot be changed",
    script: mounting(
      `mkdir /data/a; touch /data/a/f; mount --bind /data /data; mount -o remount,bind,ro /data; tsgosu --chown /data app true; c=$?; owners /data; exit $c`,
    ),
    code: 125,
    stdout: "0:0 /data\n",
    stderr: /^tsgosu: --chown: \/data\/a\/f: cannot be given to the user: read-only file system\ntsgosu: hint: /,
  },
  {
    name: "CHOWN and DAC_OVERRIDE are the capabilities that it takes",
    script: `mkdir -m 700 /data/a; touch /data/a/f /data/s; chmod 4755 /data/s; chown 5:5 /data/a /data/a/f; chown 1000:1000 /app
      setpriv --bounding-set -all,+chown,+dac_override,+setuid,+setgid --inh-caps -all tsgosu --match /app --chown /data app probe who; owners /data /data/a /data/a/f /home/app/file`,
    stdout: `${who(1000, 1000)}1000:1000 /data\n1000:1000 /data/a\n1000:1000 /data/a/f\n1000:1000 /home/app/file\n`,
    stderr: "tsgosu: /data: setuid or setgid bits or capabilities removed from 1 file\n",
  },
  {
    name: "without the capability",
    script: `mkdir /data/a; setpriv --bounding-set -chown tsgosu --chown /data app true`,
    code: 125,
    stderr: /^tsgosu: --chown: \/data\/a: cannot be given to the user: operation not permitted\ntsgosu: hint: .*CHOWN/,
  },
];

for (const [name, cases] of Object.entries({ "--match": MATCH, "passwd and group": FILES, "--chown": OWN }))
  onBoth(t, name, (t, executable) => holdCases(t, executable, cases, { before: BEFORE, flags: MAY_MOUNT }));

onBoth(t, "an owner that the user namespace does not map", async (t, executable) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-unmapped-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const flags = [...MAPPED, "-v", `${directory}:/mnt`];
  for (const option of ["--match", "--chown"]) {
    const { code, stdout, stderr } = await runScript(executable, `tsgosu ${option} /mnt 4711 true`, { flags });
    t.same({ code, stdout }, { code: 125, stdout: "" });
    t.match(
      stderr,
      new RegExp(
        `^tsgosu: ${option} /mnt: the owner's UID is not mapped in this user namespace, which shows it as 65534 \\(mapped: 0-65535\\)\ntsgosu: hint: .+\n$`,
      ),
    );
  }
});

if (OWNS_MAPPED_IMAGE)
  onBoth(t, "a user that the user namespace does not map gets no directory", async (t, executable) => {
    const script = "mkdir /tmp/data; tsgosu --chown /tmp/data 70000:70000 echo ran";
    const { code, stdout, stderr } = await runScript(executable, script, { flags: MAPPED });
    t.same({ code, stdout }, { code: 125, stdout: "" });
    t.match(
      stderr,
      /^tsgosu: --chown: \/tmp\/data: cannot be given to the user: invalid argument\ntsgosu: hint: this user namespace does not map the ID/,
    );
  });

onBoth(
  t,
  "a file in the home that may not be changed: the home stays, and the next start goes on",
  async (t, executable) => {
    const script = `eval "$RESET"; cd /home/app; chattr +i file; chown 1000:1000 /app
    ${RUN}; echo $?; owners . file; grep ^app: /etc/passwd; chattr -i file; ${RUN}; owners . file`;
    const flags = ["--cap-add=LINUX_IMMUTABLE"];
    const { stdout, stderr } = await runScript(executable, script, { before: BEFORE, flags });
    t.equal(
      stdout,
      `125\n10001:10001 .\n10001:10001 file\napp:x:10001:10001:The App:/home/app:/bin/sh\n${who(1000, 1000)}1000:1000 .\n1000:1000 file\n`,
    );
    t.match(stderr, /^tsgosu: --match: \/home\/app\/file: cannot be given to the user: operation not permitted\n/);
  },
);
