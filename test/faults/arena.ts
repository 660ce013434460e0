// A directory that is made for each run and becomes the root of tsgosu's file system; and how a run there ends.

import { spawn } from "node:child_process";
import {
  chownSync,
  copyFileSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Executable } from "../support/builds.ts";
import { compiled } from "../support/compile.ts";
import type { Scenario } from "./scenarios.ts";

/** How one start of tsgosu ended. */
export interface Ending {
  /** The exit code; 128 + N where signal N ended it, which `signal` says. */
  readonly code: number;
  readonly signal: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** What the arena itself says, a line each. */
  readonly report: string;
  /** All files of the root with their owners, modes and contents, a line each. */
  readonly state: string;
}

/** The part of a scenario that a start needs. */
export type Start = Pick<Scenario, "words" | "enter" | "mounts">;

export interface Launched {
  /** The process that has PID 1 of the outer namespace as its child (arena.c). */
  readonly pid: number;
  readonly ending: Promise<Ending>;
}

/** What traces a start: words that stand before those of the traced program. */
export type Tracer = readonly string[];

const PROGRAM = compiled("arena");

const PASSWD = `root:x:0:0:root:/root:/bin/sh
other:x:1001:1001::/home/other:/bin/sh
app:x:1000:1000:The app:/home/app:/bin/sh
`;
const GROUP = `root:x:0:
video:x:44:app,other
media:x:50:app
other:x:1001:
app:x:1000:
`;

/** Where such directories are made: a file system in memory, where there is one. */
const PLACE = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export class Arena {
  /** Only root may enter it (mkdtemp(3)), or users of this machine could put links where root writes below. */
  private readonly place = mkdtempSync(join(PLACE, "tsgosu-faults-"));
  readonly root: string = join(this.place, "root");
  private readonly executable: Executable;
  private clean = "";

  constructor(executable: Executable) {
    this.executable = executable;
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }

  /** Puts all files as they are before the first start, unless they are. */
  reset(): void {
    if (this.clean !== "" && this.state() === this.clean) return;
    rmSync(this.root, { recursive: true, force: true });
    mkdirSync(this.root, { mode: 0o755 });
    this.build();
    this.clean = this.state();
  }

  private build(): void {
    const at = (path: string): string => join(this.root, path);
    for (const path of ["bin", "dev", "proc", "etc", "mounted", "home", "tmp", "usr", "lib", "lib64"])
      mkdirSync(at(path));
    for (const path of ["tsgosu", "emulator", "dev/null", "dev/full", "dev/urandom"]) writeFileSync(at(path), "");
    copyFileSync(PROGRAM, at("bin/arena"));
    for (const directory of ["etc", "mounted"]) {
      writeFileSync(at(`${directory}/passwd`), PASSWD);
      writeFileSync(at(`${directory}/group`), GROUP);
    }
    this.tree("home/app", 1000, 1000);
    this.tree("data", 1500, 1500);
    this.tree("taken", 1001, 1001);
    this.tree("volume", 0, 0);
    writeFileSync(at("home/app/others"), "");
    chownSync(at("home/app/others"), 1001, 1001);
  }

  private tree(name: string, uid: number, gid: number): void {
    const top = join(this.root, name);
    mkdirSync(join(top, "below"), { recursive: true });
    writeFileSync(join(top, "file"), name);
    writeFileSync(join(top, "below/file"), name);
    symlinkSync("file", join(top, "link"));
    for (const path of ["below/file", "below", "file", "link", ""]) lchownSync(join(top, path), uid, gid);
  }

  /** All that a start may have changed. */
  state(): string {
    const names = readdirSync(this.root, { recursive: true, encoding: "utf8" }).sort();
    // The lock is made by whoever comes first, and means nothing afterwards.
    const shown = names.filter((name) => name !== "etc/.pwd.lock");
    return shown.map((name) => this.describe(name)).join("\n");
  }

  private describe(name: string): string {
    const path = join(this.root, name);
    const { mode, uid, gid } = lstatSync(path);
    const kind = mode & 0o170000;
    const content =
      kind === 0o120000
        ? readlinkSync(path)
        : kind === 0o100000 && /^(etc|mounted)\//.test(name)
          ? readFileSync(path, "utf8")
          : "";
    return `${name} ${mode.toString(8)} ${uid}:${gid} ${JSON.stringify(content)}`;
  }

  /** Starts tsgosu as the scenario has it, and waits for its end. `vain` is what a fault needs (see `inVain`). */
  start(scenario: Start, tracer: Tracer, vain: string, seconds: number): Promise<Ending> {
    return this.launch(scenario, tracer, vain, seconds).ending;
  }

  launch(scenario: Start, tracer: Tracer, vain: string, seconds: number): Launched {
    const { path, emulator } = this.executable;
    const mounts = [
      `${path}=/tsgosu`,
      ...(emulator === undefined ? [] : [`${emulator}=/emulator`]),
      ...["/dev/null", "/dev/full", "/dev/urandom"].map((path) => `${path}=${path}`),
      ...(this.executable.name === "sea" ? ["/usr", "/lib", "/lib64"].map((path) => `${path}=${path}`) : []),
      ...(scenario.mounts ?? []).map((mount) => mount.replace("ROOT", this.root)),
    ];
    const enter = [PROGRAM, "enter", this.root, ...(vain === "" ? [] : [`call=${vain}`]), ...(scenario.enter ?? [])];
    const program = [...(emulator === undefined ? [] : ["/emulator"]), "/tsgosu", ...scenario.words];
    const words = ["run", this.root, `${seconds}`, ...mounts, "--", ...tracer, ...enter, ...program];
    const child = spawn(PROGRAM, words, { stdio: ["ignore", "pipe", "pipe", "pipe"], env: { PATH: "/usr/bin:/bin" } });
    const output = ["", "", "", ""];
    for (const fd of [1, 2, 3])
      child.stdio[fd]?.on("data", (bytes: Buffer) => {
        output[fd] += bytes.toString("latin1");
      });
    const ending = new Promise<Ending>((resolve, reject) => {
      child.on("error", reject).on("close", () => {
        const [, stdout = "", stderr = "", report = ""] = output;
        const ended = /^(exit|signal) (\d+)$/m.exec(report);
        const timedOut = /^timeout$/m.test(report);
        if (ended === null && !timedOut) reject(new Error(`no ending: ${report}${stderr}`));
        const number = Number(ended?.[2]);
        const signal = ended?.[1] === "signal" ? number : 0;
        const code = signal > 0 ? 128 + signal : number;
        const marks = report.match(/^mark .*$/gm)?.join("\n") ?? "";
        resolve({ code, signal, timedOut, stdout, stderr, report, state: `${this.state()}\n${marks}` });
      });
    });
    return { pid: child.pid ?? -1, ending };
  }
}
