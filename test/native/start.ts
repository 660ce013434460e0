// The whole program, from its words to the command, on a kernel that answers as a tape decides: that refuses, that reads
// short, that says it has done what it has not. Whoever the command is run as, it is who was asked for.

import type { SpawnOptions } from "../../src/kernel/engine.ts";
import { Kernel } from "../../src/kernel/kernel.ts";
import { u32 } from "../../src/kernel/layout.ts";
import { main } from "../../src/main.ts";
import { Ended, nameIn, TapeCalls } from "./calls.ts";
import { TapeEngine } from "./engine.ts";
import type { Tape } from "./random.ts";

/** Command lines, and the UID and GID that each must have run its command with; -1 where the files decide. */
const STARTS: readonly { readonly words: string; readonly id: number }[] = [
  { words: "tsgosu 7:7 x", id: 7 },
  { words: "tsgosu --exec --verbose 7:7 /x", id: 7 },
  { words: "tsgosu --init --caps none --grace 1 7:7 x", id: 7 },
  { words: "tsgosu --restricted --exec 7:7 x", id: 7 },
  { words: "gosu 7:7 x", id: 7 },
  { words: "tsgosu --orphans reap -s app x", id: -1 },
  { words: "tsgosu --match /data --verbose app x", id: -1 },
  { words: "tsgosu --chown /data/a --no-new-privs app:staff x", id: -1 },
  { words: "tsgosu --if-root --login -p KILL app x", id: -1 },
  { words: "tsgosu --check --json app", id: -1 },
  { words: "tsgosu --check", id: -1 },
  { words: "tsgosu --help", id: -1 },
];

/** What the files hold that are read. */
const FILES: readonly { readonly path: string; readonly text: string }[] = [
  { path: "/etc/passwd", text: "root:x:0:0:root:/root:/bin/bash\napp:x:9:9:App:/home/app:/bin/sh\nweb:x:8:8::/:\n" },
  { path: "/etc/group", text: "root:x:0:\napp:x:9:\nstaff:x:50:app,web\nweb:x:8:web,app" },
  { path: "/proc/self/status", text: "Name:\tx\nSeccomp:\t2\n" },
  { path: "/proc/self/uid_map", text: "         0          0 4294967295\n" },
  { path: "/proc/self/gid_map", text: "0 100000 65536\n" },
  { path: "/proc/self/setgroups", text: "allow\n" },
  { path: "/proc/self/task/1/children", text: "5 6 12 " },
  { path: "/proc/self/task/2/children", text: "5 6 " },
];

/** Starts tsgosu as the tape says; every call that it makes. */
export function startBy(tape: Tape): string {
  const start = STARTS[tape.below(STARTS.length)];
  if (start === undefined) return "";
  const calls = new StartCalls(tape, start.id);
  const environment = tape.below(8) === 1 ? ["A=1", "TSGOSU_MATCH=/srv"] : ["HOME=/", "PATH=/bin:/sbin"];
  try {
    const kernel = new Kernel(calls, new StartEngine(start.words.split(" "), environment, tape, calls));
    main(kernel);
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
  }
  if (calls.broken !== "") throw new Error(calls.broken);
  return calls.notes.join("\n");
}

/** The system calls, with a model of who the process is. */
class StartCalls extends TapeCalls {
  /** An invariant that does not hold: main catches what is thrown. */
  broken = "";
  private readonly wanted: number;
  private readonly pid: number;
  private uids: readonly number[];
  private gids: readonly number[];
  private groups: number[] = [0];
  private fileOf = new Map<number, string>();
  private readAt = new Map<number, number>();
  private hasEnded = false;

  constructor(tape: Tape, wanted: number) {
    super(tape);
    this.wanted = wanted;
    const id = tape.below(4) === 1 ? 7 : 0;
    this.uids = [id, id, id];
    this.gids = [id, id, id];
    this.pid = 1 + tape.below(2);
  }

  /** The command would run now. */
  run(): void {
    if (this.wanted < 0 || this.hasEnded) return;
    for (const uid of this.uids) this.must(uid === this.wanted, `the command runs as UID ${uid}`);
    for (const gid of this.gids) this.must(gid === this.wanted, `the command runs as GID ${gid}`);
    for (const gid of this.groups) this.must(gid === this.wanted, `the command runs in group ${gid}`);
  }

  private must(condition: boolean, what: string): void {
    if (!condition && this.broken === "") this.broken = what;
  }

  /** Whether a call does what it says it has done. */
  private isDone(): boolean {
    return this.tape.below(16) !== 1;
  }

  override getpid(): number {
    return this.pid;
  }

  override getresuid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    tell(real, this.uids[0]);
    tell(effective, this.uids[1]);
    tell(saved, this.uids[2]);
    return this.done("getresuid", 0);
  }

  override getresgid(real: Uint8Array, effective: Uint8Array, saved: Uint8Array): number {
    tell(real, this.gids[0]);
    tell(effective, this.gids[1]);
    tell(saved, this.gids[2]);
    return this.done("getresgid", 0);
  }

  override getgroups(most: number, into: Uint8Array): number {
    for (let i = 0; i < this.groups.length && i * 4 < into.length; i++) into[i * 4] = this.groups[i] ?? 0;
    // More groups than there are: the program must not read beyond its list. Fewer, nobody could notice.
    const more = this.tape.below(16) === 1 ? 1 + this.tape.byte() : 0;
    return this.done(`getgroups ${most}`, this.groups.length + more);
  }

  override setresuid(real: number, effective: number, saved: number): number {
    const result = this.done(`setresuid ${real} ${effective} ${saved}`, 0);
    if (result >= 0 && this.isDone()) this.uids = [real, effective, saved];
    return result;
  }

  override setresgid(real: number, effective: number, saved: number): number {
    const result = this.done(`setresgid ${real} ${effective} ${saved}`, 0);
    if (result >= 0 && this.isDone()) this.gids = [real, effective, saved];
    return result;
  }

  override setgroups(count: number, gids: Uint8Array): number {
    const result = this.done(`setgroups ${count}`, 0);
    if (result < 0 || !this.isDone()) return result;
    this.groups = [];
    for (let i = 0; i < count; i++) this.groups.push(u32(gids, i * 4));
    return result;
  }

  override openat(directory: number, path: Uint8Array, flags: number, mode: number): number {
    const fd = super.openat(directory, path, flags, mode);
    const name = nameIn(path);
    for (const file of FILES) if (fd >= 0 && file.path === name) this.fileOf.set(fd, file.text);
    return fd;
  }

  /** The file as it is, or less of it than was asked for. */
  override read(fd: number, into: Uint8Array, length: number): number {
    const text = this.fileOf.get(fd);
    if (text === undefined) return super.read(fd, into, length);
    const at = this.readAt.get(fd) ?? 0;
    let count = Math.min(length, text.length - at);
    if (this.tape.below(8) === 1) count = Math.min(count, this.tape.byte());
    for (let i = 0; i < count; i++) into[i] = text.charCodeAt(at + i);
    const result = this.done(`read ${fd} ${length}`, count);
    if (result > 0) this.readAt.set(fd, at + result);
    return result;
  }

  /** An account file is an ordinary one, mostly; its size may be told wrongly. */
  protected override describe(into: Uint8Array): void {
    super.describe(into);
    if (this.tape.below(8) === 1) return;
    into[29] = 0x80;
    into[20] = 0;
    into[40] = this.tape.byte();
  }

  override write(fd: number, from: Uint8Array, length: number): number {
    const text = nameIn(from);
    this.must(this.hasEnded || !text.startsWith("tsgosu: internal error"), `tsgosu says: ${text}`);
    return super.write(fd, from, length);
  }

  override exit_group(code: number): number {
    this.hasEnded = true;
    return super.exit_group(code);
  }
}

function tell(into: Uint8Array, id: number | undefined): void {
  into[0] = id ?? 0;
  into[1] = 0;
  into[2] = 0;
  into[3] = 0;
}

class StartEngine extends TapeEngine {
  private readonly starts: StartCalls;

  constructor(words: readonly string[], environment: readonly string[], tape: Tape, calls: StartCalls) {
    super(words, environment, tape);
    this.starts = calls;
  }

  override setresuidOfAllThreads(uid: number): number {
    return this.starts.setresuid(uid, uid, uid);
  }

  override setresgidOfAllThreads(gid: number): number {
    return this.starts.setresgid(gid, gid, gid);
  }

  override setgroupsOfAllThreads(count: number, gids: Uint8Array): number {
    return this.starts.setgroups(count, gids);
  }

  override execve(path: Uint8Array, words: number, inherited: number): number {
    this.starts.run();
    this.starts.notes.push(`execve ${nameIn(path)}`);
    return super.execve(path, words, inherited);
  }

  override spawn(path: Uint8Array, words: number, options: SpawnOptions): number {
    this.starts.run();
    this.starts.notes.push(`spawn ${nameIn(path)}`);
    return super.spawn(path, words, options);
  }
}
