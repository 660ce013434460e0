// Makes scriptc's C smaller without changing what it does: it counts a reference for every mention of a value, most of which
// end in the same statement, while something else holds the value anyway. A seventh of the program is such counting.

const TEMPORARY = /\bsc_t\d+\b/g;
const RETAIN = /^(\s*[\w ]+\*\s*(sc_t\d+) = )(scr?_\w*retain\w*)\((.*)\);(.*)$/;
const LITERAL = /^\(ScrStr \*\)&sc_lit_\d+$/;
/** A local, a global, or a field of what a local or temporary holds: alive until the statement ends, whoever counts. */
const HELD = /^(sc_[lg]_\w+|sc_(t\d+|l_\w+)->sc_fld_\w+)$/;
const FIELD_READ = /^->sc_fld_\w+/;

interface Mention {
  readonly line: number;
  readonly at: number;
}

/** The same program with the counting left out where nothing can come of it. */
export function slim(program: string): string {
  const lines = program.split("\n");
  const kernels = kernelTypes(program);
  const slimmed: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (!/^static .*\bsc_f_\w+\(.*\) \{/.test(line)) {
      slimmed.push(line);
      continue;
    }
    const end = lines.indexOf("}", at);
    slimmed.push(...withoutChecks(slimFunction(lines.slice(at, end + 1)), kernels));
    at = end;
  }
  return slimmed.join("\n");
}

function slimFunction(source: readonly string[]): string[] {
  const body = [...source];
  const mentions = mentionsIn(source);
  source.forEach((line, at) => {
    const [, start, temporary, retain, value, rest] = RETAIN.exec(line) ?? [];
    if (start === undefined || temporary === undefined || value === undefined) return;
    const others = (mentions.get(temporary) ?? []).filter((mention) => mention.line !== at);
    const releases = others.filter((mention) => isRelease(source[mention.line] ?? "", temporary));
    // A literal is never freed: neither reference counts. Anything else may only be looked into, or called.
    const isCounted = LITERAL.test(value)
      ? false
      : !HELD.test(value) ||
        releases.length === 0 ||
        isReplaced(source.slice(at, others.at(-1)?.line), value) ||
        others.some((mention) => !releases.includes(mention) && !looksInto(source, mention, temporary, retain ?? ""));
    if (isCounted) return;
    body[at] = `${start}${value};${rest}`;
    for (const release of releases) body[release.line] = "";
  });
  return body.filter((line) => line !== "");
}

/** The records of functions that the kernel is: `Kernel`, and `Calls` beneath it. */
function kernelTypes(program: string): string[] {
  const types: string[] = [];
  for (const [, type, fields] of program.matchAll(/^struct (sc_rs_r\d+) \{([\s\S]*?)^\};/gm))
    if (type !== undefined && fields !== undefined && /\bsc_fld_fchown;/.test(fields)) types.push(type);
  return types;
}

/** Calls of the kernel return −errno and throw nothing, except what `onSignals` hands on: nobody has to look after them. */
function withoutChecks(body: readonly string[], kernels: readonly string[]): string[] {
  const owners = new Set<string>();
  const calls = new Set<string>();
  const kept: string[] = [];
  let checked = "";
  for (const line of body) {
    if (checked !== "") {
      if (line === `${checked}}`) checked = "";
      continue;
    }
    const [, type, owner] = /^\s*(sc_rs_r\d+) \*(sc_t\d+) = /.exec(line) ?? [];
    if (type !== undefined && owner !== undefined && kernels.includes(type)) owners.add(owner);
    const [, closure, from, name] = /^\s*ScrClosure \*(sc_t\d+) = (sc_t\d+)->sc_fld_(\w+);/.exec(line) ?? [];
    if (closure !== undefined && owners.has(from ?? "") && name !== "onSignals") calls.add(closure);
    const called = /\)(sc_t\d+)->fn\)\(/.exec(kept.at(-1) ?? "")?.[1];
    const check = /^(\s*)if \(scr_exc_pending\(\)\) \{$/.exec(line);
    if (check !== null && called !== undefined && calls.has(called)) checked = check[1] ?? "";
    else kept.push(line);
  }
  return kept;
}

function mentionsIn(source: readonly string[]): Map<string, Mention[]> {
  const mentions = new Map<string, Mention[]>();
  source.forEach((text, line) => {
    for (const match of text.matchAll(TEMPORARY)) {
      const list = mentions.get(match[0]) ?? [];
      list.push({ line, at: match.index });
      mentions.set(match[0], list);
    }
  });
  return mentions;
}

function isRelease(line: string, temporary: string): boolean {
  return new RegExp(`^\\s*scr?_\\w*release\\w*\\(${temporary}\\);$`).test(line);
}

/** Whether the place that holds the value gets another one meanwhile. */
function isReplaced(lines: readonly string[], place: string): boolean {
  const field = /->sc_fld_\w+$/.exec(place)?.[0];
  return lines.some((line) => line.includes(`${field ?? ` ${place}`} = `));
}

/** Whether a mention reads a field of the value, or calls it and hands it to itself, as closures are called. */
function looksInto(source: readonly string[], mention: Mention, temporary: string, retain: string): boolean {
  const line = source[mention.line] ?? "";
  const after = line.slice(mention.at + temporary.length);
  if (FIELD_READ.test(after)) return !/^->sc_fld_\w+ = /.test(after);
  return retain === "scr_closure_retain" && (after.startsWith("->fn)") || line.slice(0, mention.at).endsWith("->fn)("));
}
