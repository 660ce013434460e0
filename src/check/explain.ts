// What a message from kubelet, admission, an engine, the kernel or a program means, and what to change. A message is
// recognised by texts in it, and explained with the names in it.

import { itemOf, lowerCase } from "../text.ts";
import { GENERAL, specificMeanings } from "./meanings.ts";
import { clausesOf, containerOf, holds, nameIn, plainMessage, type UidOf } from "./message.ts";

/** Why something was refused, and what to change: each is one line for people. */
export interface Explanation {
  readonly cause: string;
  readonly fix: string;
}

/**
 * What `message` means: an explanation for each kind of refusal that it is about, none if it is not known. An explanation
 * may contain control characters if the message does.
 */
export function explain(message: string, uidOf: UidOf): Explanation[] {
  const plain = plainMessage(message);
  const specific = explanationsOf(plain, specificMeanings(), uidOf);
  return specific.length > 0 ? specific : explanationsOf(plain, [GENERAL], uidOf);
}

/** A kind that several clauses are about is explained once, with the names in the first of them. */
function explanationsOf(message: string, tables: readonly string[], uidOf: UidOf): Explanation[] {
  const explanations: Explanation[] = [];
  const explained = new Set<string>();
  const container = containerOf(message);
  for (const clause of clausesOf(message)) {
    const searched = lowerCase(clause);
    for (const table of tables) {
      for (const meaning of table.split("\n\n")) {
        const lines = meaning.split("\n");
        if (explained.has(meaning) || !isAbout(searched, lines)) continue;
        explained.add(meaning);
        const cause = withNames(itemOf(lines, lines.length - 2), clause, container, uidOf);
        explanations.push({ cause, fix: withNames(itemOf(lines, lines.length - 1), clause, container, uidOf) });
      }
    }
  }
  return explanations;
}

/** Whether a clause contains one of the texts of a meaning: all its lines but the last two. */
function isAbout(clause: string, lines: readonly string[]): boolean {
  for (let i = 0; i < lines.length - 2; i++) if (holds(clause, itemOf(lines, i))) return true;
  return false;
}

/** The columns of `cause` and `fix` at the start of their lines. */
const TITLE_LENGTH = 7;

/** A cause or a fix, with the names in `clause` in place of words such as <file>. */
function withNames(line: string, clause: string, container: string, uidOf: UidOf): string {
  const pieces = line.split("<");
  let text = itemOf(pieces, 0).slice(TITLE_LENGTH);
  for (let i = 1; i < pieces.length; i++) {
    const piece = itemOf(pieces, i);
    const end = piece.indexOf(">");
    text += nameIn(clause, piece.slice(0, end), container, uidOf) + piece.slice(end + 1);
  }
  return text;
}
