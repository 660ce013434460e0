// tsgosu under the names of the inits that engines inject, beside the real ones.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { hasProgram, installPackages } from "../../scripts/host.ts";
import { runCases } from "../support/cases.ts";
import { baseImage, callEngine, engine, run, start, until } from "../support/containers.ts";
import { type Executable, onBoth, onStatic } from "../support/executables.ts";

const REAL = ["tini", "catatonit", "dumb-init"] as const;
const missing = REAL.filter((name) => !hasProgram(name));
if (missing.length > 0) installPackages(missing, "tsgosu is compared with the real inits, which are missing");

/** Mounts the real tools as /real/NAME, and the executable as /ours/NAME. */
function sideBySide(executable: Executable): string[] {
  const names = [...REAL, "docker-init", "podman-init", "tini-static"];
  return [
    ...REAL.flatMap((name) => ["-v", `/usr/bin/${name}:/real/${name}:ro`]),
    ...names.flatMap((name) => ["-v", `${executable.path}:/ours/${name}:ro`]),
  ];
}

/** A command line of a tool, with what stands before it; in it `@` stands for the directory of the tool. */
interface Published {
  readonly line: string;
  /** Whether the first line on standard error is the same too, PIDs aside. */
  readonly sameMessage?: boolean;
}

/** What the manuals say that the tools do. The container's root is no PID 1 here. */
const PUBLISHED: readonly Published[] = [
  { line: "@/tini -s -- sh -c 'exit 3'" },
  { line: "@/tini -s -e 3 -- sh -c 'exit 3'" },
  { line: "@/tini -s -e143 -- sh -c 'kill $$'" },
  { line: "@/tini -s -- sh -c 'kill -9 $$'" },
  { line: "@/tini -s echo -- -n hi" },
  { line: "@/tini -s -- echo -- hi" },
  { line: "@/tini -gsp SIGKILL true" },
  { line: "@/tini -- true 2>&1 | head -n 1 | sed 's/([0-9]*)/(PID)/; s/ (-s.*/./'" },
  { line: "TINI_VERBOSITY=0 @/tini -- true" },
  { line: "TINI_SUBREAPER= @/tini -- true", sameMessage: true },
  { line: "TINI_KILL_PROCESS_GROUP= @/tini -s -- sh -c 'exit 7'" },
  {
    line: "@/tini -s -w -- sh -c '(sleep 0.05 &); while [ -n \"$(pgrep -x sleep)\" ]; do :; done; sleep 0.2'",
    sameMessage: true,
  },
  { line: "@/tini -s -- nope" },
  { line: "@/tini -s -- /tmp/noexec" },
  { line: "@/tini -s -- /" },
  { line: "@/tini -s -- /tmp/nohash a 'b c'" },
  { line: "@/tini -e 256 true", sameMessage: true },
  { line: "@/tini -p NONE true", sameMessage: true },
  { line: "@/tini -x true" },
  { line: "@/tini -e" },
  { line: "@/tini" },
  { line: "exec -a docker-init @/tini -s -- sh -c 'echo $HOME $(id -u); exit 4'" },
  { line: "@/catatonit -- sh -c 'exit 3'" },
  { line: "@/catatonit -g -- sh -c 'kill $$'" },
  { line: "@/catatonit nope" },
  { line: "@/catatonit /tmp/nohash a 'b c'" },
  { line: "@/catatonit", sameMessage: true },
  { line: "@/catatonit -x" },
  { line: "@/catatonit --foo true" },
  { line: "@/catatonit -P & waits $!; kill -TERM $!; wait $!" },
  { line: "@/catatonit -P & waits $!; kill -INT $!; wait $!" },
  { line: "@/catatonit -P & waits $!; kill -HUP $!; kill -KILL $!; wait $! 2>/tmp/null" },
  { line: "@/dumb-init -- sh -c 'exit 3'" },
  { line: "@/dumb-init nope" },
  { line: "@/dumb-init /tmp/noexec" },
  { line: "@/dumb-init /tmp/nohash a 'b c'" },
  { line: "@/dumb-init -r 15:x true" },
  { line: "@/dumb-init --foo true" },
  { line: "@/dumb-init" },
  // What is left of the group ends with the command, which nothing outside of a container would do.
  {
    line: "@/dumb-init sh -c 'sleep 300 & echo $! >/tmp/left'; for try in {1..500}; do kill -0 $(cat /tmp/left) 2>/tmp/null || break; sleep 0.02; done; kill -0 $(cat /tmp/left) 2>/tmp/null || echo gone",
  },
  { line: "@/dumb-init -r 15:2 sh -c 'trap \"echo INT; exit 5\" INT; kill -TERM $PPID; sleep 5 & wait'" },
  {
    line: "@/dumb-init --rewrite=1:0 --single-child sh -c 'trap \"echo HUP\" HUP; kill -HUP $PPID; sleep 0.3; exit 6'",
  },
  { line: "DUMB_INIT_SETSID=0 @/dumb-init sh -c 'exit 2'" },
];

/** `waits PID`: waits until the process is no shell any more and sleeps; one with threads, as Node, once it catches signals 1, 2 and 15. */
const BEFORE = `printf 'echo "$0" "$@"\\n' >/tmp/nohash; chmod 755 /tmp/nohash; : >/tmp/noexec
waits() {
  until [ "$(cat /proc/$1/comm)" != bash ] && perl -ne '
    $s = 1 if /^State:\\s*S/; $t = 1 if /^Threads:\\s*1$/; $t = 1 if /^SigCgt:\\s*(\\w+)/ && (hex($1) & 0x4003) == 0x4003;
    END { exit !($s && $t) }
  ' /proc/$1/status; do sleep 0.01; done
}`;

/** The first line, without PIDs. */
function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/\d+(?=\)|$)/g, "N");
}

onBoth(t, "what the manuals say, as the real tools do it", async (t, executable) => {
  const cases = PUBLISHED.flatMap(({ line }) =>
    ["/real", "/ours"].map((place) => ({ name: `${place} ${line}`, script: line.replaceAll("@", place) })),
  );
  const results = await runCases(executable, cases, { flags: sideBySide(executable), before: BEFORE });
  for (const { line, sameMessage } of PUBLISHED) {
    const real = results.get(`/real ${line}`);
    const ours = results.get(`/ours ${line}`);
    t.equal(ours?.code, real?.code, `${line}: exit code, ${ours?.stderr}`);
    t.equal(ours?.stdout, real?.stdout, `${line}: standard output`);
    if (sameMessage === true) t.equal(firstLine(ours?.stderr ?? ""), firstLine(real?.stderr ?? ""), `${line}: message`);
    t.equal(ours?.stderr === "", real?.stderr === "", `${line}: whether there is a message, ${ours?.stderr}`);
  }
});

onBoth(t, "under whatever name, nothing of the command is changed", async (t, executable) => {
  const names = ["tini", "tini-static", "docker-init", "catatonit", "podman-init", "dumb-init"];
  const state = "env | grep -v ^_= | sort; id; umask; pwd; stat -c %u /proc/self/fd/1";
  const cases = [
    { name: "bare", script: `sh -c '${state}'` },
    ...names.map((name) => ({ name, script: `TINI_SUBREAPER= /ours/${name} -- sh -c '${state}'` })),
  ];
  // Root without HOME and without a passwd file to find one in.
  const before = "unset HOME; [ ! -e /etc/passwd ] || mv /etc/passwd /tmp/passwd; cd /var; unset OLDPWD";
  const results = await runCases(executable, cases, { flags: sideBySide(executable), before });
  const bare = results.get("bare")?.stdout;
  t.match(bare, /uid=0/);
  for (const name of names)
    t.equal(results.get(name)?.stdout.replace("TINI_SUBREAPER=\n", ""), bare, `${name}: ${results.get(name)?.stderr}`);
});

/** What the engine's own flags make of a container, which the injected init has to live with. */
const KINDS: readonly (readonly [string, readonly string[]])[] = [
  ["as it is", []],
  ["read-only root", ["--read-only"]],
  ["a user that no file names, confined", ["--user=1234:1234", "--cap-drop=ALL", "--security-opt=no-new-privileges"]],
  ["the host's PID namespace", ["--pid=host"]],
];

const SERVER = "trap 'echo TERM; exit 7' TERM; (sleep 0.05 & echo orphan $! ready); while :; do sleep 0.1; done";

for (const name of ["tini", "catatonit", "dumb-init"])
  onBoth(t, `as PID 1: ${name}`, async (t, executable) => {
    for (const [kind, flags] of KINDS) {
      const container = await start(t, executable, ["--", "sh", "-c", SERVER], {
        entrypoint: `/ours/${name}`,
        flags: [...sideBySide(executable), ...flags],
      });
      const orphan = /orphan (\d+)/.exec(await container.waitForLog("ready"))?.[1] ?? "";
      if (kind !== "the host's PID namespace")
        await until(
          () => container.exec(["sh", "-c", `test -e /proc/${orphan} && echo there || echo reaped`]),
          ({ stdout }) => stdout === "reaped\n",
          `${kind}: the orphan reaped`,
        );
      await container.kill("TERM");
      t.equal(await container.wait(), 7, `${kind}: the command's exit code`);
      const { stdout } = await container.logs();
      t.match(stdout, /TERM/, `${kind}: the signal`);
    }
  });

onBoth(t, "in a PID namespace that is another container's", async (t, executable) => {
  const first = await start(t, executable, ["-P"], { entrypoint: "/ours/catatonit", flags: sideBySide(executable) });
  const flags = [...sideBySide(executable), `--pid=container:${first.name}`];
  const second = await run(executable, ["-g", "--", "sh", "-c", "echo $$; exit 9"], {
    entrypoint: "/ours/catatonit",
    flags,
  });
  t.equal(second.code, 9);
  t.not(second.stdout, "1\n");
  t.equal(second.stderr, "", "a subreaper: nothing to say");
  await first.stop();
  t.equal(await first.wait(), 0, "the pause ends by itself");
});

/**
 * The engine's environment with a copy of its containers.conf in which the init is the executable: for --init by its path, and
 * for the pause of pods by the directory of podman's helpers, where podman looks first.
 */
function configuredWith(t: Test, executable: Executable): NodeJS.ProcessEnv {
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-init-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  symlinkSync(executable.path, join(directory, "catatonit"));
  const theirs = engine.environment["CONTAINERS_CONF"];
  let text = theirs === undefined ? "" : readFileSync(theirs, "utf8");
  const helpers = [directory, "/usr/libexec/podman", "/usr/lib/podman", "/usr/local/libexec/podman"];
  for (const [section, setting] of [
    ["containers", `init_path = "${executable.path}"`],
    ["engine", `helper_binaries_dir = ${JSON.stringify(helpers)}`],
  ] as const) {
    const head = `[${section}]\n`;
    text = text.includes(head) ? text.replace(head, `${head}${setting}\n`) : `${text}\n${head}${setting}\n`;
  }
  const file = join(directory, "containers.conf");
  writeFileSync(file, text);
  return { ...engine.environment, CONTAINERS_CONF: file };
}

if (engine.name === "podman")
  onBoth(t, "podman run --init", async (t, executable) => {
    const show = ["sh", "-c", "tr '\\0' ' ' </proc/1/cmdline; echo; /run/podman-init --version; id -u; echo ~; exit 5"];
    for (const [kind, flags] of KINDS) {
      if (kind === "the host's PID namespace") continue;
      const words = ["run", "--rm", "--pull=never", "--network=none", "--init", ...flags];
      const byFlag = await callEngine([...words, `--init-path=${executable.path}`, baseImage, ...show]);
      t.equal(byFlag.code, 5, `${kind}: ${byFlag.stderr}`);
      t.match(byFlag.stdout, /^\/run\/podman-init -- sh -c /, kind);
      t.match(byFlag.stdout, kind.includes("user") ? /^1234$/m : /^0$/m, kind);
      t.match(byFlag.stdout, /git\.tsgosu/, `${kind}: the init is tsgosu`);
      const byFile = await callEngine([...words, baseImage, ...show], undefined, configuredWith(t, executable));
      t.equal(byFile.code, 5, `${kind}, init_path: ${byFile.stderr}`);
      t.match(byFile.stdout, /^\/run\/podman-init -- sh -c /, kind);
    }
  });

if (engine.name === "podman")
  onStatic(t, "podman's pods: the pause of the infra container, made as podman makes it", async (t, executable) => {
    const directory = mkdtempSync(join(tmpdir(), "tsgosu-pods-"));
    const environment = configuredWith(t, executable);
    const storage = ["--root", join(directory, "root"), "--runroot", join(directory, "run"), "--storage-driver=vfs"];
    const podman = (...words: string[]) => callEngine([...storage, ...words], undefined, environment);
    t.teardown(async () => {
      await podman("pod", "rm", "-f", "-a");
      rmSync(directory, { recursive: true, force: true });
    });
    const created = await podman("pod", "create", "--name", "tsgosu-pause", "--network=none", "--share=ipc,pid,uts");
    t.equal(created.code, 0, created.stderr);
    const started = await podman("pod", "start", "tsgosu-pause");
    t.equal(started.code, 0, started.stderr);
    const infra = (await podman("pod", "inspect", "-f", "{{.InfraContainerID}}", "tsgosu-pause")).stdout.trim();
    const pid = (await podman("inspect", "-f", "{{.State.Pid}}", infra)).stdout.trim();
    t.match(readFileSync(`/proc/${pid}/cmdline`, "latin1"), /catatonit\0-P\0$/);
    t.ok(readFileSync(`/proc/${pid}/exe`).equals(readFileSync(executable.path)), "it is this executable");
    const stopped = await podman("pod", "stop", "-t", "60", "tsgosu-pause");
    t.ok(stopped.ms < 50_000, "SIGTERM ends it");
    t.equal((await podman("inspect", "-f", "{{.State.ExitCode}}", infra)).stdout.trim(), "0");
  });

onBoth(t, "memory as PID 1, once the command runs", async (t, executable) => {
  const most = executable.name === "sea" ? 30_000 : 300;
  const container = await start(t, executable, ["--", "sh", "-c", `${SERVER}`], {
    entrypoint: "/ours/tini",
    flags: sideBySide(executable),
  });
  await container.waitForLog("ready");
  const resident = async (): Promise<number> =>
    Number(/VmRSS:\s+(\d+)/.exec((await container.exec(["cat", "/proc/1/status"])).stdout)?.[1]);
  const kilobytes = await until(resident, (kB) => kB <= most, `at most ${most} kB`);
  t.ok(kilobytes <= most, `${kilobytes} kB`);
  // What went back comes back as it was: it reaps, forwards, and reports as before.
  const orphan = (await container.exec(["sh", "-c", "sh -c 'sleep 0.01 & echo $!'"])).stdout.trim();
  await until(
    () => container.exec(["sh", "-c", `test -e /proc/${orphan} && echo there || echo reaped`]),
    ({ stdout }) => stdout === "reaped\n",
    "the orphan reaped",
  );
  await container.kill("TERM");
  t.equal(await container.wait(), 7);
});
