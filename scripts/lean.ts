// Leaves out of scriptc's C what can do nothing, a tenth of the program. scriptc counts a reference for every mention of a
// value. Two kinds of that are without effect here, and only these are touched:
// - string literals are never freed: to count them does nothing;
// - a function that an exception leaves gives its references back first. In tsgosu an exception is a Failure on its way to the
//   end of the process; what it leaves behind stays allocated until then, which harms nobody.
// It allocates every function value; one that captures nothing can be a constant.
// And it looks for an exception after every call of a closure, as the kernel's are, of which none throws but `onSignals`.

const LITERAL = /scr_str_retain\((\(ScrStr \*\)&sc_lit_\d+)\)/g;
const LITERAL_TEMPORARY = /^\s*ScrStr \*(sc_t\d+) = \(ScrStr \*\)&sc_lit_\d+;/;
const RELEASE = /^\s*scr?_\w*release\w*\((.*)\);$/;
const FUNCTION = /^\S.*\) \{/;
const LEAVING = /^(\s*)if \(scr_exc_pending\(\)\) \{$/;

/** The same program without what has no effect; `kernelCalls` are the names of the kernel's calls that throw nothing. */
export function lean(program: string, kernelCalls: readonly string[]): string {
  const lines = program.replace(LITERAL, "$1").split("\n");
  return withConstants(withoutLeaving(withoutKernelChecks(withoutLiterals(lines), kernelCalls))).join("\n");
}

const FUNCTION_VALUE = /scr_closure_new\(\(void \*\)&(\w+), 0\)/g;
const RECORD = /^\s*sc_rs_(r\d+) \*(sc_t\d+) = sc_rnew_\1\(\);$/;
const CONSTANT = /^\s*ScrClosure \*(sc_t\d+) = \(ScrClosure \*\)&(constant_\w+);$/;

/**
 * Function values that capture nothing are constants, and so are records of nothing else; a count of SIZE_MAX is the
 * runtime's sign for what is never freed.
 */
function withConstants(lines: readonly string[]): string[] {
  const functions = new Set<string>();
  const changed = lines.map((line) =>
    line.replace(FUNCTION_VALUE, (_, name: string) => {
      functions.add(name);
      return `(ScrClosure *)&constant_${name}`;
    }),
  );
  const constants = [...functions].map(
    (name) => `static const ScrClosure constant_${name} = {.rc = SIZE_MAX, .fn = (void *)&${name}};`,
  );
  const kept: string[] = [];
  for (let at = 0; at < changed.length; at++) {
    const line = changed[at] ?? "";
    const fields = constantFields(changed, at);
    const [, record, variable] = RECORD.exec(line) ?? [];
    if (record === undefined || fields.length === 0 || fields.length !== fieldCount(changed, record)) {
      kept.push(line);
      continue;
    }
    const name = `constant_${record}_${at}`;
    constants.push(`static const sc_rs_${record} ${name} = {.rc = SIZE_MAX, ${fields.join(", ")}};`);
    kept.push(`  sc_rs_${record} *${variable} = (sc_rs_${record} *)&${name};`);
    at += 2 * fields.length;
  }
  // All functions are declared before the first is defined.
  const first = kept.findIndex((line) => line.startsWith("static ") && FUNCTION.test(line) && line.includes("sc_f_"));
  return withoutReleases([...kept.slice(0, first), ...constants, ...kept.slice(first)]);
}

/** A kind of record that nobody allocates is never freed. */
function withoutReleases(lines: readonly string[]): string[] {
  const program = lines.join("\n");
  const isAllocated = (record: string): boolean => program.includes(`sc_rnew_${record}()`);
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    kept.push(line);
    const record = /^static void sc_rrelease_(r\d+)\(.*\) \{$/.exec(line)?.[1];
    if (record !== undefined && !isAllocated(record)) at = lines.indexOf("}", at) - 1;
  }
  return kept;
}

/** The fields that the lines after `at` set to constant functions, for as long as they do nothing else. */
function constantFields(lines: readonly string[], at: number): string[] {
  const fields: string[] = [];
  for (let next = at + 1; ; next += 2) {
    const [, variable, constant] = CONSTANT.exec(lines[next] ?? "") ?? [];
    const [, field, value] = /->(sc_fld_\w+) = (sc_t\d+);$/.exec(lines[next + 1] ?? "") ?? [];
    if (constant === undefined || field === undefined || value !== variable) return fields;
    fields.push(`.${field} = (ScrClosure *)&${constant}`);
  }
}

function fieldCount(lines: readonly string[], record: string): number {
  const start = lines.findIndex((line) => line.startsWith(`struct sc_rs_${record} {`));
  const end = lines.findIndex((line, at) => at > start && line.startsWith("}"));
  return lines.slice(start, end).filter((line) => /^ {2}.*sc_fld_\w+;/.test(line)).length;
}

const CLOSURE = /^\s*ScrClosure \*(sc_t\d+) = .*->sc_fld_(\w+)\);$/;
const CLOSURE_CALL = /\)(sc_t\d+)->fn\)\(/;

/** Nobody looks for an exception after a call of the kernel. */
function withoutKernelChecks(lines: readonly string[], kernelCalls: readonly string[]): string[] {
  const kept: string[] = [];
  const closures = new Map<string, string>();
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (FUNCTION.test(line)) closures.clear();
    const [, closure, name] = CLOSURE.exec(line) ?? [];
    if (closure !== undefined && name !== undefined) closures.set(closure, name);
    const called = closures.get(CLOSURE_CALL.exec(lines[at - 1] ?? "")?.[1] ?? "");
    const indent = LEAVING.exec(line)?.[1];
    if (indent === undefined || called === undefined || !kernelCalls.includes(called)) kept.push(line);
    else at = lines.indexOf(`${indent}}`, at);
  }
  return kept;
}

/** Temporaries that hold a literal need not be released; their names are a function's own. */
function withoutLiterals(lines: readonly string[]): string[] {
  const literals = new Set<string>();
  return lines.filter((line) => {
    if (FUNCTION.test(line)) literals.clear();
    const temporary = LITERAL_TEMPORARY.exec(line)?.[1];
    if (temporary !== undefined) literals.add(temporary);
    const released = RELEASE.exec(line)?.[1];
    return released === undefined || !literals.has(released);
  });
}

/** Where an exception leaves the function, nothing is released; where it is caught (goto), all is. */
function withoutLeaving(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    const indent = LEAVING.exec(line)?.[1];
    if (indent === undefined) {
      kept.push(line);
      continue;
    }
    const end = lines.indexOf(`${indent}}`, at);
    const block = lines.slice(at, end + 1);
    const leaves = block.some((one) => /^\s*return\b/.test(one)) && !block.some((one) => one.includes("goto "));
    kept.push(...(leaves ? block.filter((one) => !RELEASE.test(one)) : block));
    at = end;
  }
  return kept;
}
