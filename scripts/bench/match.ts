// What --match and --chown cost, against usermod(8) and chown(1), in one container and one run, turn by turn.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureContainers } from "../containers.ts";
import { engineWords } from "../engine.ts";
import { PROJECT } from "../host.ts";

/** Milliseconds, the median of all turns. */
export type Medians = Readonly<Record<string, number>>;

/** Each line: a name, how often, what puts everything back before it, and what is timed. */
const MEASURED = `
start, static|40|:|tsgosu-static app true
nothing to do, static|40|:|tsgosu-static --match /app --chown /home/app app true
start, node|20|:|tsgosu app true
nothing to do, node|20|:|tsgosu --match /app --chown /home/app app true
nothing to do, usermod -u|3|:|usermod -u 10001 app
nothing to do, chown -R|3|:|chown -R app:app /home/app
home, --match, static|7|home|tsgosu-static --match /mount app true
home, --match, node|7|home|tsgosu --match /mount app true
home, chown -R --from|7|home|chown -R --from=10001:10001 1000:1000 /home/app
home, usermod -u|7|home|usermod -u 1000 app
volume, --chown, static|7|volume|tsgosu-static --chown /volume 1000:1000 true
volume, --chown, node|7|volume|tsgosu --chown /volume 1000:1000 true
volume, chown -R --from|7|volume|chown -R --from=0:0 1000:1000 /volume`;

/** Prints `name|milliseconds` for every turn; turns of one round follow each other, so that all meet the same machine. */
const SCRIPT = `
use Time::HiRes qw(time);
my ($files, $lines) = @ARGV;
system q(useradd -u 10001 -m app; mkdir -p /app /mount /volume; chown app:app /app; chown 1000:1000 /mount; cp /etc/passwd /etc/group /tmp);
for my $top ("/home/app", "/volume") {
  for my $d (1 .. $files / 1000) { mkdir "$top/$d"; for (1 .. 1000) { open F, ">", "$top/$d/file-$_"; close F } }
}
system q(chown -R app:app /home/app);
my %back = (":" => "", home => "cp /tmp/passwd /tmp/group /etc; chown -hR 10001:10001 /home/app", volume => "chown -hR 0:0 /volume");
my @measured = map { [split /\\|/] } grep /\\|/, split /\\n/, $lines;
for my $turn (1 .. 40) {
  for (@measured) {
    my ($name, $turns, $back, $command) = @$_;
    next if $turn > $turns;
    system $back{$back} if $back{$back} ne "";
    my @words = split / /, $command;
    my $start = time;
    my $p = fork; if (!$p) { open STDERR, ">", "/dev/null"; open STDOUT, ">", "/dev/null"; exec @words; exit 127 }
    waitpid $p, 0;
    print "$name|", (time - $start) * 1000, "|", $? >> 8, "\\n";
  }
}`;

/** Measures with so many files in the home directory and in a volume. Throws where the container does not run. */
export function measureMatch(files: number): Medians {
  const { engine, baseImage } = ensureContainers();
  const mounts = ["tsgosu", "tsgosu-static"].flatMap((name) => [
    "-v",
    `${join(PROJECT, "dist", name)}:/usr/local/bin/${name}:ro`,
  ]);
  const words = ["run", "--rm", "--pull=never", "--network=none", ...mounts, "--entrypoint", "perl", baseImage];
  const [program, ...rest] = engineWords(engine, [...words, "-e", SCRIPT, `${files}`, MEASURED]);
  const ran = spawnSync(program ?? "", rest, { env: engine.environment, encoding: "utf8", maxBuffer: 2 ** 24 });
  if (ran.status !== 0) throw new Error(`the container ended with ${ran.status}: ${ran.stderr}`);
  const times = new Map<string, number[]>();
  for (const line of ran.stdout.trim().split("\n")) {
    const [name, milliseconds, code] = line.split("|");
    if (name === undefined || (code !== "0" && !name.includes("nothing to do, usermod")))
      throw new Error(`failed: ${line}`);
    times.set(name, [...(times.get(name) ?? []), Number(milliseconds)]);
  }
  return Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The table that `npm run bench` shows. */
export function describeMatch(medians: Medians): string {
  const rows = Object.entries(medians).map(([name, ms]) => `${name.padEnd(32)} ${ms.toFixed(1).padStart(9)} ms`);
  const ratio = (some: string, other: string): string => ((medians[some] ?? 0) / (medians[other] ?? 1)).toFixed(2);
  return [
    ...rows,
    `nothing to do / start: static ${ratio("nothing to do, static", "start, static")}, node ${ratio("nothing to do, node", "start, node")} (at most 1.3)`,
    `home, static: ${ratio("home, --match, static", "home, chown -R --from")} of chown -R --from, ${ratio("home, --match, static", "home, usermod -u")} of usermod -u`,
    `volume, static: ${ratio("volume, --chown, static", "volume, chown -R --from")} of chown -R --from`,
  ].join("\n");
}
