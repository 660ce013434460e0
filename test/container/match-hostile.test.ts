// --match and --chown killed at any moment, and against a process that changes the tree meanwhile.

import t from "tap";
import { runScript } from "../support/cases.ts";
import { type Executable, onBoth } from "../support/executables.ts";

/** More where a start is quick; each executable is killed 200 times. */
const KILLED = 200;

/**
 * Kills tsgosu after a random time, again and again, and lets it finish once: files and owners must be those of a run that
 * nobody disturbed. Two readers poll passwd and group all the while, and know only the old text and the new.
 */
const KILL = `
useradd -u 10001 -m app; mkdir /app; chown 1000:1000 /app; mkdir -p /home/app/{a,b/c,d}; for i in {1..150}; do : >/home/app/a/$i; : >/home/app/b/c/$i; done
cat >/tmp/kill.pl <<'PERL'
use Time::HiRes qw(time sleep);
my @files = ("/etc/passwd", "/etc/group");
sub slurp { local $/; open my $f, "<", $_[0] or return "missing"; my $t = <$f>; defined $t ? $t : "" }
my @old = map { slurp($_) } @files;
my @tree = split /\\0/, qx(find /home/app -print0);
sub reset_all { for (0, 1) { open my $f, ">", "$files[$_].new"; print $f $old[$_]; close $f; rename "$files[$_].new", $files[$_] } chown 10001, 10001, @tree }
sub state { join "\\n", slurp($files[0]), slurp($files[1]), map { join ":", (lstat)[2, 4, 5], $_ } @tree }
sub start { my $p = fork; if (!$p) { exec qw(tsgosu --match /app --chown /data app true); exit 1 } $p }
mkdir "/data"; mkdir "/data/$_" for 1 .. 50; push @tree, split /\\0/, qx(find /data -print0);
my $reset = \\&reset_all;
sub fresh { reset_all(); chown 0, 0, grep { m{^/data} } @tree }
# What a start takes changes with the machine's other work: it is kept so that about half of them are killed before the end.
fresh(); my $t = time; waitpid(start(), 0); my $took = time - $t; my $good = state(); my @new = map { slurp($_) } @files;
die "not matched" if $good !~ /^app:x:1000:1000/m;
fresh();
my @readers = map { my $n = $_; my $p = fork; if (!$p) { $SIG{TERM} = sub { exit 0 }; while (1) { my $s = slurp($files[$n]); exit 3 if $s ne $old[$n] && $s ne $new[$n]; select undef, undef, undef, 0.0003 } } $p } (0, 1);
my ($wrong, $early) = (0, 0);
for (1 .. ${KILLED}) {
  fresh();
  my $p = start(); sleep rand() * $took * 1.2; kill 9, $p; waitpid $p, 0;
  if (state() ne $good) { $early++; $took *= 1.1 } else { $took *= 0.9 }
  waitpid(start(), 0);
  $wrong++ if state() ne $good;
}
kill 15, @readers; my @codes = map { waitpid $_, 0; $? >> 8 } @readers;
print "wrong $wrong readers @codes\\n"; print STDERR "stopped before the end: $early\\n"; print "early\\n" if $early > ${KILLED} / 10;
PERL
perl /tmp/kill.pl`;

onBoth(t, "killed at any moment, and started again", async (t, executable) => {
  const { code, stdout, stderr } = await runScript(executable, KILL);
  t.same({ code, stdout }, { code: 0, stdout: "wrong 0 readers 0 0\nearly\n" }, stderr);
});

function runs(executable: Executable): number {
  return executable.name === "static" ? 300 : 60;
}

/**
 * While tsgosu walks, \`app\` swaps a directory for a link to one outside, a directory for its sibling, and its own file for
 * one of root's; it renames a link of a file that is also linked outside, and moves directories with such links, so that each
 * of them is met several times. What is outside, and root's own file, must stay who they are.
 */
function race(count: number): string {
  return `
useradd -u 10001 -m app; mkdir -p /app /outside/sub; chown 1000:1000 /app
touch /outside/app /outside/sub/app /outside/root /outside/sub/root; chown app:app /outside/app /outside/sub/app
cd /home/app; mkdir d e; for i in {1..60}; do mkdir d/$i e/$i; touch d/$i/f e/$i/f; done; touch mine; cp /etc/passwd /tmp/passwd; cp /etc/group /tmp/group
chown -R app:app /home/app; touch theirs; mkdir -m 1777 /data; mkdir -m 777 /data/{1,2}; for i in {1..60}; do mkdir -m 777 /data/{1,2}/$i; done; exec 9<theirs
for i in {1..20}; do touch /outside/link$i; ln /outside/link$i /data/1/link$i; done; ln /outside/link20 /data/1/2/link
cat >/tmp/racer.pl <<'PERL'
$( = $) = 10001; $< = $> = 10001;
chdir "/home/app";
while (1) {
  rename "d", "d2"; symlink "/outside", "d"; unlink "d"; rename "e", "d"; rename "d", "e"; rename "d2", "d";
  rename "mine", "x"; rename "theirs", "mine"; rename "mine", "theirs"; rename "x", "mine";
  for (1 .. 60) { rename "d/$_", "d/x"; symlink "/outside/sub", "d/$_"; unlink "d/$_"; rename "d/x", "d/$_" }
  for (1 .. 19) { rename "/data/1/link$_", "/data/1/60/z$_"; rename "/data/1/60/z$_", "/data/1/link$_" }
  rename "/data/1/2", "/data/1/60/2"; rename "/data/1/60/2", "/data/1/2";
  for (1 .. 60) { rename "/data/1/$_", "/data/1/x"; symlink "/outside/sub", "/data/1/$_"; unlink "/data/1/$_"; rename "/data/1/x", "/data/1/$_" }
}
PERL
perl /tmp/racer.pl & racer=$!
for n in {1..${count}}; do
  cp /tmp/passwd /etc/passwd; cp /tmp/group /etc/group; chown 0:0 /data /data/1
  timeout 60 tsgosu --match /app --chown /data app true 2>/tmp/err; code=$?
  case $code in 0) ok=$((ok + 1));; 125) grep -q 'moved away' /tmp/err && ok=$((ok + 1)) || cat /tmp/err;; *) echo "code $code";; esac
  # chown has no defence against the racer, who therefore stands still.
  kill -STOP $racer; until [ "$(ps -o stat= $racer)" = T ]; do :; done
  find /home/app -user 1000 -exec chown -h 10001:10001 {} +; kill -CONT $racer
done
kill $racer; wait $racer 2>/dev/null
echo $ok; stat -c %u /outside/link* | sort | uniq -c; rm /outside/link*; stat -c '%u:%g %n' /outside /outside/* /outside/sub/*; stat -Lc %u /proc/self/fd/9`;
}

onBoth(t, "somebody swaps directories for links meanwhile", async (t, executable) => {
  const { stdout, stderr } = await runScript(executable, race(runs(executable)));
  const owners =
    "     20 0\n0:0 /outside\n10001:10001 /outside/app\n0:0 /outside/root\n0:0 /outside/sub\n10001:10001 /outside/sub/app\n0:0 /outside/sub/root\n0\n";
  t.equal(stdout, `${runs(executable)}\n${owners}`, stderr);
});
