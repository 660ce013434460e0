// Leaves out of scriptc's C what can do nothing, a tenth of the program. scriptc counts a reference for every mention of a
// value. Two kinds of that are without effect here, and only these are touched:
// - string literals are never freed: to count them does nothing;
// - a function that an exception leaves gives its references back first. In tsgosu an exception is a Failure on its way to the
//   end of the process; what it leaves behind stays allocated until then, which harms nobody.
// And it looks for an exception after every call of a closure, as the kernel's are, of which none throws but `onSignals`.

const LITERAL = /scr_str_retain\((\(ScrStr \*\)&sc_lit_\d+)\)/g;
const LITERAL_TEMPORARY = /^\s*ScrStr \*(sc_t\d+) = \(ScrStr \*\)&sc_lit_\d+;/;
const RELEASE = /^\s*scr?_\w*release\w*\((.*)\);$/;
const FUNCTION = /^\S.*\) \{/;
const LEAVING = /^(\s*)if \(scr_exc_pending\(\)\) \{$/;

/** The same program without what has no effect; `kernelCalls` are the names of the kernel's calls that throw nothing. */
export function lean(program: string, kernelCalls: readonly string[]): string {
  const lines = program.replace(LITERAL, "$1").split("\n");
  return withoutLeaving(withoutKernelChecks(withoutLiterals(lines), kernelCalls)).join("\n");
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
