// Which container engine: Docker where a daemon answers, else podman, which is installed where there is none.

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attempt, BUILD, hasProgram, installPackages, SetupError, tell } from "./host.ts";

/** A container engine that works here. */
export interface Engine {
  readonly name: "docker" | "podman";
  /** The environment to call it in. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * The engine that CONTAINER_ENGINE names, or else the first that works. Installs podman where none is there.
 * Throws a SetupError that says what to install.
 */
export function ensureEngine(): Engine {
  const choice = process.env["CONTAINER_ENGINE"] ?? "";
  switch (choice) {
    case "docker":
      return (
        docker() ??
        failWithout("CONTAINER_ENGINE=docker, but no Docker daemon answers: install docker.io and start dockerd")
      );
    case "podman":
      return ensurePodman("CONTAINER_ENGINE=podman, but podman is missing");
    case "":
      return docker() ?? ensurePodman("no container engine works here");
    default:
      return failWithout(`CONTAINER_ENGINE=${choice}: it is docker or podman`);
  }
}

function failWithout(message: string): never {
  throw new SetupError(message);
}

/** Runs the engine with these words, as one program. */
export function engineWords(engine: Engine, words: readonly string[]): string[] {
  return [engine.name, ...words];
}

/** Longer than an engine takes that works, on a machine with much other work to do. */
const ANSWER_MS = 120_000;

function docker(): Engine | undefined {
  // Some systems have a `docker` that is podman: then it is podman that has to be set up.
  const answer = hasProgram("docker") ? attempt(["docker", "version"], { timeout: ANSWER_MS }) : undefined;
  if (answer?.code !== 0 || /podman/i.test(answer.stdout)) return undefined;
  return { name: "docker", environment: dockerEnvironment() };
}

/** Without the buildx plugin the client can only build with the daemon's own builder, and has to be told so. */
function dockerEnvironment(): NodeJS.ProcessEnv {
  const hasBuildx = attempt(["docker", "buildx", "version"], { timeout: ANSWER_MS }).code === 0;
  return hasBuildx ? process.env : { ...process.env, DOCKER_BUILDKIT: "0" };
}

function podman(): Engine | undefined {
  if (!hasProgram("podman")) return undefined;
  const usual = podmanEnvironment();
  // Where the machine itself is a container, its file system may be an overlay, on which there can be no other.
  for (const environment of [usual, { ...usual, STORAGE_DRIVER: "vfs" }]) {
    const answer = attempt(["podman", "info"], { environment, timeout: ANSWER_MS });
    if (answer.code === 0) return { name: "podman", environment };
  }
  return undefined;
}

/** Every engine that works here, without installing one. */
export function workingEngines(): Engine[] {
  return [docker(), podman()].filter((engine) => engine !== undefined);
}

/** podman, installed where it does not work, with a word about why. Throws a SetupError that says what to install. */
export function ensurePodman(why: string): Engine {
  return podman() ?? installPodman(why);
}

function installPodman(why: string): Engine {
  installPackages(["podman", "runc", "ca-certificates"], why);
  const engine = podman();
  if (engine === undefined) {
    const why = attempt(["podman", "info"], { environment: podmanEnvironment() }).stderr.trim().split("\n").at(-1);
    throw new SetupError(`podman is installed but does not work: ${why}`);
  }
  tell("podman works");
  return engine;
}

function podmanEnvironment(): NodeJS.ProcessEnv {
  if (process.env["CONTAINERS_CONF"] !== undefined || process.getuid?.() !== 0) return process.env;
  const file = join(BUILD, "containers", "containers.conf");
  mkdirSync(join(BUILD, "containers"), { recursive: true });
  replaceFile(file, containersConf(readMachine()));
  return { ...process.env, CONTAINERS_CONF: file };
}

/** Gives the file this content at once: every test file comes here while podman reads the file for another. */
export function replaceFile(file: string, content: string): void {
  const made = `${file}.${process.pid}`;
  writeFileSync(made, content);
  renameSync(made, file);
}

/** What of the machine decides how podman has to be set up. */
export interface Machine {
  /** Whether limits may be raised (CAP_SYS_RESOURCE). */
  readonly mayRaiseLimits: boolean;
  readonly hardFiles: number;
  readonly hardProcesses: number;
  readonly hasSystemd: boolean;
  /** Whether control groups are version 2 only; hybrid and version 1 are what crun refuses. */
  readonly hasUnifiedCgroups: boolean;
  readonly hasRunc: boolean;
}

const CAP_SYS_RESOURCE = 24n;
/** As many as anything in a test container needs. */
const ENOUGH = 4096;

function readMachine(): Machine {
  const status = readFileSync("/proc/self/status", "latin1");
  const limits = readFileSync("/proc/self/limits", "latin1");
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(status)?.[1] ?? "0"}`);
  return {
    mayRaiseLimits: ((effective >> CAP_SYS_RESOURCE) & 1n) === 1n,
    hardFiles: hardLimit(limits, "Max open files"),
    hardProcesses: hardLimit(limits, "Max processes"),
    hasSystemd: existsSync("/run/systemd/system"),
    hasUnifiedCgroups: existsSync("/sys/fs/cgroup/cgroup.controllers"),
    hasRunc: hasProgram("runc"),
  };
}

function hardLimit(limits: string, name: string): number {
  const line = limits.split("\n").find((candidate) => candidate.startsWith(name)) ?? "";
  const word = line.slice(name.length).trim().split(/\s+/)[1] ?? "";
  return word === "unlimited" ? Number.POSITIVE_INFINITY : Number(word);
}

/** The containers.conf(5) that makes podman work on the machine: only what differs from podman's own defaults. */
export function containersConf(machine: Machine): string {
  const containers: string[] = [];
  const engine: string[] = [];
  if (!machine.mayRaiseLimits) {
    // podman asks for a million descriptors, and a runtime that may not raise limits then starts nothing.
    const files = Math.min(machine.hardFiles, ENOUGH);
    const processes = Math.min(machine.hardProcesses, ENOUGH);
    containers.push(`default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]`);
  }
  if (!machine.hasUnifiedCgroups && machine.hasRunc) engine.push('runtime = "runc"');
  if (!machine.hasSystemd) engine.push('cgroup_manager = "cgroupfs"', 'events_logger = "file"');
  return `[containers]\n${containers.join("\n")}\n\n[engine]\n${engine.join("\n")}\n`;
}
