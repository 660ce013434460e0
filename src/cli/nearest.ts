// Which option was meant by a word that is none.

import type { Option } from "./options.ts";

/** No option is longer, not even with mistakes in it. */
const LONGEST = 32;

/** The name of the option closest to `word`, ignoring `=` and what follows it; empty if none is close. */
export function nearestOption(table: readonly Option[], word: string): string {
  const equals = word.indexOf("=");
  const written = equals < 0 ? word : word.slice(0, equals);
  let nearest = "";
  if (written.length > LONGEST) return nearest;
  // A third of the word may be wrong.
  let least = Math.floor(written.length / 3) + 1;
  for (const { name } of table) {
    const distance = editDistance(written, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest;
}

/** How many characters must be inserted, deleted or replaced to turn one word into the other (Levenshtein distance). */
function editDistance(one: string, other: string): number {
  let row: number[] = [];
  for (let i = 0; i <= other.length; i++) row.push(i);
  for (let i = 0; i < one.length; i++) {
    const next: number[] = [];
    let left = i + 1;
    let diagonal = i;
    for (const above of row) {
      // The first of a row has nothing to its left.
      const j = next.length - 1;
      if (j >= 0) {
        const change = diagonal + (one.charCodeAt(i) === other.charCodeAt(j) ? 0 : 1);
        left = Math.min(change, above + 1, left + 1);
      }
      next.push(left);
      diagonal = above;
    }
    row = next;
  }
  let distance = 0;
  for (const last of row) distance = last;
  return distance;
}
