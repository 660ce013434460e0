// A machine made up for whole runs of tsgosu: its files, its process with IDs and capabilities, words and environment. What the
// kernel is asked for and what the user reads is written down; the run ends with execve(2), with a child, or with an exit code.

import type { Kernel } from "../../src/kernel/kernel.ts";
import { main } from "../../src/main.ts";
import { textOf } from "../../src/text.ts";
import { FakeFiles } from "./fake-files.ts";
import { Exited } from "./fake-kernel.ts";
import { type FakeProcess, fakeKernel as fakeCapabilities, fakeProcess } from "./fake-privileges.ts";

const EPERM = 1;
const ENOENT = 2;
const ENOTTY = 25;
const PR_SET_PDEATHSIG = 1;
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;
const PR_GET_SECUREBITS = 27;
const PR_SET_CHILD_SUBREAPER = 36;

/** The command that a run has started, and what it got. */
export interface Started {
  readonly file: string;
  readonly words: readonly string[];
  readonly ids: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What came of a run. */
export interface Outcome {
  /** The exit code; −1 where the command has taken the place of tsgosu, or init goes on. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The command; undefined where none was started. */
  readonly command: Started | undefined;
}

export class Machine {
  readonly files = new FakeFiles();
  process: FakeProcess = fakeProcess();
  /** Real, effective and saved IDs are the same. */
  uid = 0;
  gid = 0;
  groups: number[] = [];
  pid = 7;
  parent = 1;
  /** The variables that the run starts with, and that it may change. */
  environment: Record<string, string> = { PATH: "/bin" };
  /** The process group in the foreground of the terminal on descriptor 0; −1 where there is none. */
  foreground = -1;
  isTerminal = false;
  session = 1;
  umask = 0o022;
  /** Calls besides those on files, as `NAME WORDS`. */
  readonly asked: string[] = [];
  /** What init does after it has started the command: one handle for every signal that comes. */
  signals: readonly number[] = [];
  reaped: { pid: number; status: number }[] = [];
  private started: Started | undefined;
  private isDumpable = true;
  private isSubreaper = false;
  private stdout = "";
  private stderr = "";
  private code = -1;
  private hasEnded = false;

  constructor() {
    for (const name of ["id", "sh", "tsgosu"]) this.files.file(`/bin/${name}`, "", 0o755);
    for (const path of ["/proc", "/sys", "/dev"]) this.files.directory(path);
    this.files.file("/proc/self/uid_map", "0 0 4294967295\n");
    this.files.file("/proc/self/gid_map", "0 0 4294967295\n");
    this.files.file("/proc/sys/kernel/overflowuid", "65534\n");
    this.files.file("/proc/sys/kernel/overflowgid", "65534\n");
    this.files.file(
      "/etc/passwd",
      "root:x:0:0:root:/root:/bin/bash\napp:x:1000:1001:The App:/home/app:/bin/app-shell\n",
    );
    this.files.file("/etc/group", "root:x:0:\napp:x:1001:\nmore:x:77:app\n");
    this.files.directory("/home/app", 0o755, 1000, 1001);
  }

  /** Makes it a process that has been a user from its start, without capabilities. */
  becomeUser(uid: number, gid: number, groups: readonly number[] = []): void {
    this.uid = uid;
    this.gid = gid;
    this.groups = [...groups];
    this.process = fakeProcess({ uid, permitted: 0n, effective: 0n });
  }

  /** Runs tsgosu with these words, its own name first. */
  run(words: readonly string[], overrides: Partial<Kernel> = {}): Outcome {
    return this.tell(words, main, overrides);
  }

  /** Runs a story of its own instead of the whole program. */
  tell(words: readonly string[], story: (kernel: Kernel) => void, overrides: Partial<Kernel> = {}): Outcome {
    try {
      story(this.kernel([...words], overrides));
    } catch (error) {
      if (!(error instanceof Exited)) throw error;
    }
    const { code, stdout, stderr, started } = this;
    return { code, stdout, stderr, command: started };
  }

  private start(own: readonly string[], file: string, firstWord: number): void {
    const ids = `${this.uid}:${this.gid} ${[...this.groups].sort((a, b) => a - b).join(",")}`.trim();
    this.started = { file, words: own.slice(firstWord), ids, environment: { ...this.environment } };
  }

  private end(code: number): never {
    // What follows the end of a process does not happen any more.
    if (!this.hasEnded) this.code = code;
    this.hasEnded = true;
    throw new Exited(code);
  }

  private kernel(own: string[], overrides: Partial<Kernel>): Kernel {
    const capabilities = fakeCapabilities(this.process);
    const onFiles = this.files.kernel();
    const ask = (what: string): number => {
      this.asked.push(what);
      return 0;
    };
    const asRoot = (change: () => void): number => {
      if (this.uid !== 0) return -EPERM;
      change();
      return 0;
    };
    const parts: Partial<Kernel> = {
      argumentCount: () => own.length,
      argument: (index) => own[index] ?? "",
      setArgument: (index, word) => {
        own[index] = word;
      },
      executedPath: () => "/bin/tsgosu",
      environment: (name) => this.environment[name],
      setenv: (name, value) => {
        this.environment[name] = value;
        return 0;
      },
      getpid: () => this.pid,
      getppid: () => this.parent,
      getresuid: () => ({ real: this.uid, effective: this.uid, saved: this.uid }),
      getresgid: () => ({ real: this.gid, effective: this.gid, saved: this.gid }),
      getgroups: () => [...this.groups],
      setgroups: (gids) => asRoot(() => (this.groups = [...gids])),
      setresgid: (gid) => asRoot(() => (this.gid = gid)),
      setresuid: (uid, threads) => {
        const result = capabilities.setresuid(uid, threads);
        if (result >= 0) this.uid = uid;
        return result;
      },
      capget: () => capabilities.capget(),
      capset: (sets) => capabilities.capset(sets),
      prctl: (option, second, third) => {
        switch (option) {
          case PR_SET_PDEATHSIG:
            return ask(`parent-death ${second}`);
          case PR_GET_DUMPABLE:
            return this.isDumpable ? 1 : 0;
          case PR_SET_DUMPABLE:
            this.isDumpable = second !== 0;
            return 0;
          case PR_GET_SECUREBITS:
            return 0;
          case PR_SET_CHILD_SUBREAPER:
            this.isSubreaper = true;
            return 0;
          default:
            return capabilities.prctl(option, second, third);
        }
      },
      isSubreaper: () => this.isSubreaper,
      umask: (mask) => {
        this.umask = mask;
        return 0;
      },
      mayExecute: (path) => (this.files.at(path) === undefined ? -ENOENT : 0),
      mayWriteIn: (path) => (this.files.at(path)?.uid === this.uid ? 0 : -EPERM),
      getxattrLength: (path, name) => this.files.at(path)?.attributes.get(name)?.length ?? -ENOENT,
      isatty: () => this.isTerminal,
      getpgrp: () => this.pid,
      setpgrp: (group) => ask(`setpgrp ${group}`),
      getsid: () => this.session,
      setsid: () => ask("setsid"),
      tcgetpgrp: (fd) => (fd === 0 && this.foreground >= 0 ? this.foreground : -ENOTTY),
      tcsetpgrp: () => 0,
      kill: (pid, signal) => ask(`kill ${pid} ${signal}`),
      chdir: (path) => ask(`chdir ${path}`),
      releaseResources: (kept) => ask(`release ${kept}`),
      reap: () => this.reaped.shift() ?? { pid: 0, status: 0 },
      onSignals: (handle) => {
        handle(0);
        for (const signal of this.signals) handle(signal);
        return 0;
      },
      write: (fd, bytes) => {
        if (fd > 2) return onFiles.write(fd, bytes);
        const text = textOf(Buffer.from(bytes), 0, bytes.length);
        if (this.hasEnded) return 0;
        if (fd === 1) this.stdout += text;
        else this.stderr += text;
        return 0;
      },
      execve: (file, firstWord) => {
        this.start(own, file, firstWord);
        return this.end(-1);
      },
      spawn: (file, firstWord, options) => {
        this.start(own, file, firstWord);
        ask(`spawn ${JSON.stringify(options)}`);
        return 8;
      },
      exit: (code) => this.end(code),
    };
    return this.files.kernel({ ...parts, ...overrides });
  }
}
