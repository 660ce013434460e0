// Makes scriptc's C smaller without changing what it does: a function is given a reference of its own to each argument, and
// gives it back at every end it has. Where all callers hold the value while they call, neither is needed.

const FUNCTION = /^static .*?\b(sc_f_\w+)\((.*)\) \{/;
const RETAINED = /^\s*[\w ]+\*\s*(sc_t\d+) = scr?_\w*retain\w*\((sc_[lg]_\w+|\(ScrStr \*\)&sc_lit_\d+)\);/;
const RELEASE = /^\s*scr?_\w*release\w*\((\w+)\);$/;

interface Routine {
  readonly name: string;
  /** The parameters' names, in order. */
  readonly parameters: readonly string[];
  /** Where it stands, from its head to its closing brace. */
  readonly start: number;
  readonly end: number;
}

/** An argument that a caller holds itself: the line that counts it, and those that give it back where the call is not reached. */
interface Loan {
  readonly counted: number;
  readonly temporary: string;
  readonly releases: readonly number[];
}

/** The same program, with arguments lent where they were given. */
export function borrow(program: string): string {
  const lines = program.split("\n");
  const routines = routinesOf(lines);
  const calls = callsOf(lines, routines);
  const taken = addressTaken(lines, routines);
  const borrowed = lines.slice();
  for (const routine of routines) {
    if (taken.has(routine.name)) continue;
    routine.parameters.forEach((parameter, position) => {
      if (!isOnlyLookedInto(lines, routine, parameter)) return;
      const loans = (calls.get(routine.name) ?? []).map((call) => loanOf(lines, call, position));
      if (loans.length === 0 || loans.some((loan) => loan === undefined)) return;
      for (let at = routine.start; at <= routine.end; at++)
        if (RELEASE.exec(lines[at] ?? "")?.[1] === parameter) borrowed[at] = "";
      for (const loan of loans) {
        if (loan === undefined) continue;
        borrowed[loan.counted] = (borrowed[loan.counted] ?? "").replace(/scr?_\w*retain\w*\((.*?)\);/, "$1;");
        for (const release of loan.releases) borrowed[release] = "";
      }
    });
  }
  return borrowed.filter((line, at) => line !== "" || lines[at] === "").join("\n");
}

function routinesOf(lines: readonly string[]): Routine[] {
  const routines: Routine[] = [];
  lines.forEach((line, start) => {
    const [, name, parameters] = FUNCTION.exec(line) ?? [];
    if (name === undefined || parameters === undefined) return;
    const names = parameters.split(", ").map((parameter) => /\*(sc_l_\w+)$/.exec(parameter)?.[1] ?? "");
    routines.push({ name, parameters: names, start, end: lines.indexOf("}", start) });
  });
  return routines;
}

interface Call {
  readonly routine: Routine;
  readonly line: number;
  readonly words: readonly string[];
}

/** Every call of a function from a function, by the called one's name; a call that is too involved has no words. */
function callsOf(lines: readonly string[], routines: readonly Routine[]): Map<string, Call[]> {
  const calls = new Map<string, Call[]>();
  for (const routine of routines) {
    for (let line = routine.start + 1; line < routine.end; line++) {
      for (const match of (lines[line] ?? "").matchAll(/\b(sc_f_\w+)\(([^()]*)(\)?)/g)) {
        const [, name = "", words = "", closing = ""] = match;
        const list = calls.get(name) ?? [];
        list.push({ routine, line, words: closing === "" ? [] : words.split(", ") });
        calls.set(name, list);
      }
    }
  }
  return calls;
}

/** Functions that are mentioned other than to be called or declared: nobody knows who calls those. */
function addressTaken(lines: readonly string[], routines: readonly Routine[]): Set<string> {
  const inside = new Set<number>();
  for (const routine of routines) for (let at = routine.start; at <= routine.end; at++) inside.add(at);
  const taken = new Set<string>();
  lines.forEach((line, at) => {
    const isDeclaration = /^static [^=]*\);$/.test(line);
    for (const match of line.matchAll(/\bsc_f_\w+\b(?=(\(?))/g))
      if (match[1] === "" || (!inside.has(at) && !isDeclaration)) taken.add(match[0]);
  });
  return taken;
}

/** Whether a function does nothing with a parameter but look into it, count it for others, and give it back. */
function isOnlyLookedInto(lines: readonly string[], routine: Routine, parameter: string): boolean {
  if (parameter === "") return false;
  const mention = new RegExp(`\\b${parameter}\\b`, "g");
  for (let at = routine.start + 1; at < routine.end; at++) {
    const line = lines[at] ?? "";
    for (const match of line.matchAll(mention)) {
      const before = line.slice(0, match.index);
      const after = line.slice(match.index + parameter.length);
      const isCounted = /scr?_\w*(retain|release)\w*\($/.test(before) && after.startsWith(");");
      const isRead = after.startsWith("->") && !/^->\w+ = /.test(after);
      if (!isCounted && !isRead) return false;
    }
  }
  return true;
}

/** The loan behind an argument; undefined where the caller gives away what it does not hold otherwise. */
function loanOf(lines: readonly string[], call: Call, position: number): Loan | undefined {
  const temporary = call.words[position];
  if (temporary === undefined || !/^sc_t\d+$/.test(temporary)) return undefined;
  const mention = new RegExp(`\\b${temporary}\\b`);
  let counted = -1;
  let place = "";
  const releases: number[] = [];
  for (let at = call.routine.start + 1; at < call.routine.end; at++) {
    const line = lines[at] ?? "";
    if (!mention.test(line) || at === call.line) continue;
    const definition = RETAINED.exec(line);
    if (definition?.[1] === temporary && counted < 0) {
      counted = at;
      place = definition[2] ?? "";
    } else if (RELEASE.exec(line)?.[1] === temporary) releases.push(at);
    else return undefined;
  }
  if (counted < 0 || counted > call.line) return undefined;
  const isReplaced = lines.slice(counted, call.line + 1).some((line) => line.includes(` ${place} = `));
  return isReplaced || (lines[call.line] ?? "").split(temporary).length !== 2
    ? undefined
    : { counted, temporary, releases };
}
