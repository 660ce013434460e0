// What a user of the last start arranged in the files of a container does not count when the container is started again.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { callEngine, MAY_MOUNT, type Ran, remove, run, runWords } from "../support/containers.ts";
import { type Executable, onBoth } from "../support/executables.ts";
import { refusing } from "../support/seccomp.ts";

const EPERM = 1;
const ENOSYS = 38;

/** A container whose user is `app`, 10001:10001, and what happens in it. */
interface Story {
  readonly name: string;
  /** What is in the image, as root has made it. */
  readonly image: string;
  /** The options of tsgosu at each start. */
  readonly options: string;
  /** What the command does at the first start, as the user. */
  readonly arranges: string;
  /** What the command does at the second start. */
  readonly gains: string;
  /** What root sees after that. */
  readonly look: string;
  readonly second: { readonly code: number; readonly stdout: string; readonly stderr: RegExp | string };
  readonly seen: string;
}

const CHOSEN =
  "\ntsgosu: hint: PATH should be the mount point of a volume, or be in directories of root that nobody else can write in\n";

function chosen(option: string, path: string, place: string): string {
  return `tsgosu: ${option} ${path}: its owner, UID 10001, can change what is in ${place}${CHOSEN}`;
}

const REFUSED = { code: 125, stdout: "" };

const STORIES: readonly Story[] = [
  {
    name: "--chown: a link of root's is renamed to PATH",
    image: "echo key >/root/secret; chmod 700 /root; cd /home/app; mkdir data; chown app data; ln -s /root link",
    options: "--chown /home/app/data",
    arranges: "cd; mv data old; mv link data",
    gains: "cat /root/secret",
    look: "stat -c %u /root /root/secret",
    second: { ...REFUSED, stderr: chosen("--chown", "/home/app/data", "/home/app") },
    seen: "0\n0\n",
  },
  {
    name: "--chown: a directory of root's is renamed to PATH",
    image: "cd /home/app; mkdir -m 700 data roots; chown app data; echo key >roots/secret",
    options: "--chown /home/app/data",
    arranges: "cd; mv data old; mv roots data",
    gains: "cat ~/data/secret",
    look: "stat -c %u /home/app/data /home/app/data/secret",
    second: { ...REFUSED, stderr: chosen("--chown", "/home/app/data", "/home/app") },
    seen: "0\n0\n",
  },
  {
    name: "--chown: a directory further up is exchanged",
    image: "mkdir -p /srv/app/data /srv/roots/data; echo key >/srv/roots/data/secret; chown app /srv /srv/app/data",
    options: "--chown /srv/app/data",
    arranges: "mv /srv/app /srv/old; mv /srv/roots /srv/app",
    gains: "cat /srv/app/data/secret",
    look: "stat -c %u /srv/app/data /srv/app/data/secret",
    second: { ...REFUSED, stderr: chosen("--chown", "/srv/app/data", "/srv") },
    seen: "0\n0\n",
  },
  {
    name: "--match: a file of another user is moved to PATH",
    image: "mkdir -p /srv; touch /srv/tree /srv/other; chown app:app /srv /srv/tree; chown 1234:1234 /srv/other",
    options: "--match /srv/tree",
    arranges: "mv /srv/other /srv/tree",
    gains: "probe who",
    look: "grep ^app: /etc/passwd | cut -d: -f3,4",
    second: { ...REFUSED, stderr: chosen("--match", "/srv/tree", "/srv") },
    seen: "10001:10001\n",
  },
  {
    name: "--match: a hard link to a file that everybody may write, of another group",
    image:
      "mkdir -p /srv /pub; touch /srv/tree /pub/f; chown app:app /srv /srv/tree; chown 1234:shadow /pub/f; chmod 666 /pub/f",
    options: "--match /srv/tree",
    arranges: "ln -f /pub/f /srv/tree",
    gains: "cat /etc/shadow",
    look: "grep ^app: /etc/passwd | cut -d: -f3,4",
    second: { ...REFUSED, stderr: chosen("--match", "/srv/tree", "/srv") },
    seen: "10001:10001\n",
  },
  {
    name: "--match: a file of the user's own, with the group of others",
    image: "rm -rf /srv; mkdir -m 777 /srv; mkdir /srv/tree; chown app:shadow /srv/tree",
    options: "--match /srv/tree --no-chown",
    arranges: "true",
    gains: "cat /etc/shadow",
    look: "grep ^app: /etc/passwd | cut -d: -f3,4",
    second: {
      ...REFUSED,
      stderr: `tsgosu: --match /srv/tree: others than root can change what is in /srv${CHOSEN}`,
    },
    seen: "10001:10001\n",
  },
  {
    name: "--chown: another group does not start the walk again",
    image:
      "usermod -aG games app; mkdir -p /srv/data /opt/mine; echo port=80 >/opt/conf; chown root:games /opt/conf; chmod 664 /opt/conf; (umask 077; echo key >/opt/mine/key); chown app /opt/mine",
    options: "--chown /srv/data",
    arranges: "chgrp games /srv/data; ln /opt/conf /srv/data/conf; mv /opt/mine/key /srv/data",
    gains: "chmod 777 /srv/data/conf /srv/data/key",
    look: "stat -c '%u:%g %a' /opt/conf /srv/data/key /srv/data",
    second: { code: 1, stdout: "", stderr: /conf'.*not permitted\n.*key'.*not permitted\n$/ },
    seen: "0:60 664\n0:0 600\n10001:60 755\n",
  },
  {
    name: "--match: a setuid program of the old UID's owner",
    image:
      "mkdir /vol; chown 1000:1000 /vol; cp /usr/bin/id /home/app/tool; chown app /home/app/tool; chmod 6755 /home/app/tool",
    options: "--match /vol",
    arranges: "true",
    gains: "stat -c '%u %a' ~/tool",
    look: "true",
    second: { code: 0, stdout: "1000 755\n", stderr: "" },
    seen: "",
  },
  {
    name: "--chown: capabilities of a file of root's",
    image: `mkdir /data; cp /bin/dash /data/tool; perl -e '$v = pack "H*", "0100000280000000000000000000000000000000"; syscall(188, $ARGV[0], $ARGV[1], $v, 20, 0) == 0 or die $!' /data/tool security.capability`,
    options: "--chown /data",
    arranges: "true",
    gains: `perl -e '$v = "\\0" x 20; print syscall(191, $ARGV[0], $ARGV[1], $v, 20), " $!\\n"' /data/tool security.capability`,
    look: "stat -c '%u %a' /data/tool",
    second: { code: 0, stdout: "-1 No data available\n", stderr: "" },
    seen: "10001 755\n",
  },
];

/** Starts a container twice, and looks into it a third time: how the second start ended, and what was seen. */
async function startAgain(t: Test, executable: Executable, story: Story): Promise<{ second: Ran; seen: string }> {
  const script = [
    `if [ ! -e /made ]; then useradd -u 10001 -m app; ${story.image}; echo 0 >/made; fi`,
    "n=$(($(cat /made) + 1)); echo $n >/made",
    `case $n in 1) do='${story.arranges.replaceAll("'", "'\\''")}';; 2) do='${story.gains.replaceAll("'", "'\\''")}';; *) ${story.look}; exit;; esac`,
    `exec tsgosu ${story.options} app bash -c "$do"`,
  ].join("\n");
  const name = `tsgosu-arranged-${process.pid}-${executable.name}`;
  const words = runWords(executable, ["-c", script], { entrypoint: "bash" }, ["--name", name]);
  await callEngine(["create", ...words.slice(1)]);
  t.teardown(() => remove(name));
  const first = await callEngine(["start", "-a", name]);
  const second = await callEngine(["start", "-a", name]);
  const { stdout } = await callEngine(["start", "-a", name]);
  await remove(name);
  if (story.second.code === 125 && !story.options.includes("--no-chown"))
    t.equal(first.code, 0, `${story.name}: the first start: ${first.stderr}`);
  return { second, seen: stdout };
}

onBoth(t, "a container that is started again", async (t, executable) => {
  for (const story of STORIES) {
    const { second, seen } = await startAgain(t, executable, story);
    const { code, stdout } = second;
    const expected = { code: story.second.code, stdout: story.second.stdout };
    t.same({ code, stdout }, expected, `${story.name}: ${second.stderr}`);
    if (story.second.stderr instanceof RegExp) t.match(second.stderr, story.second.stderr, story.name);
    else t.equal(second.stderr, story.second.stderr, `${story.name}: what it says`);
    t.equal(seen, story.seen, `${story.name}: what is left`);
  }
});

onBoth(t, "a volume whose mount point is in a directory of the user's", async (t, executable) => {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-volume-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const flags = ["-v", `${directory}:/home/app/data`];
  const make = "useradd -u 10001 -M app; chown app /home/app; cd /home/app/data;";
  const git = `${make} mkdir -p store/v3 node_modules/a; echo x >store/v3/x; ln store/v3/x node_modules/a/x; ln store/v3/x node_modules/x`;
  const script = `${git}; tsgosu --chown /home/app/data app find /home/app/data -user 10001 -group 10001; chown 1000:1000 . ; tsgosu --match /home/app/data app probe who`;
  const ran = await run(executable, ["-c", script], { entrypoint: "bash", flags });
  const lines = ran.stdout.split("\n");
  t.equal(lines.filter((line) => line.startsWith("/home/app/data")).length, 8, ran.stderr);
  t.match(ran.stdout, /^uid=1000,1000,1000 gid=1000,1000,1000 /m);
  t.equal(ran.stderr, "");
});

onBoth(t, "hard links of the image, each of which overlay may copy when it changes", async (t, executable) => {
  const script = `[ $(stat -c %h /usr/bin/perl) -gt 1 ] && echo linked
    tsgosu --chown /usr/bin 1234:1234 true 2>/dev/null; echo $?; find /usr/bin -samefile /usr/bin/perl ! -user 1234; find /usr/bin -name 'perl*' -type f ! -user 1234`;
  const ran = await run(executable, ["-c", script], { entrypoint: "bash" });
  t.equal(ran.stdout, "linked\n0\n", ran.stderr);
});

/** A FUSE file system whose server answers nothing, mounted at the words of the program. */
const SILENT = `cat >/tmp/silent.pl <<'PERL'
use Fcntl; $| = 1;
while (my ($place, $mode) = splice @ARGV, 0, 2) {
  open my $f, "+<", "/dev/fuse" or die "/dev/fuse: $!"; push @open, $f;
  my @words = ("none", $place, "fuse", "fd=" . fileno($f) . ",rootmode=$mode,user_id=0,group_id=0,allow_other");
  syscall(165, $words[0], $words[1], $words[2], 0, $words[3]) == 0 or die "mount: $!";
}
open T, ">", "/tmp/mounted"; close T; sleep 1000;
PERL`;

onBoth(t, "file systems inside the tree that do not answer", async (t, executable) => {
  const script = `${SILENT}
    mkdir -p /data/a /data/fuse; touch /data/a/f /data/file /data/z
    perl /tmp/silent.pl /data/fuse 40000 /data/file 100644 & until [ -e /tmp/mounted ]; do sleep 0.01; done
    timeout -s KILL 1 stat /data/fuse; echo $?; timeout -s KILL 1 stat /data/file; echo $?
    timeout -s KILL 60 tsgosu --exec --chown /data 1234:1234 echo ran; kill %1; wait %1; stat -c '%u %n' /data /data/a /data/a/f /data/z`;
  const mayMount = MAY_MOUNT.filter((flag) => !flag.includes("seccomp"));
  const old = (errno: number): string => refusing(t, { name: "openat2", errno });
  for (const seccomp of ["--security-opt=seccomp=unconfined", old(ENOSYS), old(EPERM)]) {
    const flags = [...mayMount, seccomp, "--device=/dev/fuse"];
    const ran = await run(executable, ["-c", script], { entrypoint: "bash", flags });
    t.equal(ran.stdout, "137\n137\nran\n1234 /data\n1234 /data/a\n1234 /data/a/f\n1234 /data/z\n", ran.stderr);
  }
});
