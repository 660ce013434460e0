// Leaves out of scriptc's C what can do nothing, a tenth of the program. scriptc counts a reference for every mention of a
// value. Two kinds of counting are without effect here, and only these are touched:
// - string literals are never freed: to count them does nothing;
// - a function that an exception leaves gives its references back first. In tsgosu an exception is a Failure on its way to the
//   end of the process; what it leaves behind stays allocated until then, which harms nobody.

const LITERAL = /scr_str_retain\((\(ScrStr \*\)&sc_lit_\d+)\)/g;
const LITERAL_TEMPORARY = /^\s*ScrStr \*(sc_t\d+) = \(ScrStr \*\)&sc_lit_\d+;/;
const RELEASE = /^\s*scr?_\w*release\w*\((.*)\);$/;
const FUNCTION = /^\S.*\) \{/;
const LEAVING = /^(\s*)if \(scr_exc_pending\(\)\) \{$/;

/** The same program without counting that has no effect. */
export function lean(program: string): string {
  const lines = program.replace(LITERAL, "$1").split("\n");
  return withoutLeaving(withoutLiterals(lines)).join("\n");
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
