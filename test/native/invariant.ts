// What must hold whatever the input is.

/** Throws an Error that names the rule, unless it holds. */
export function holds(condition: boolean, rule: string): void {
  if (!condition) throw new Error(`it does not hold that ${rule}`);
}
