// The user-spec of the command line: `[user][:[group]]`.

import { Failure } from "../failure.ts";
import { isDigits, numberOf } from "../text.ts";

/** The largest ID: 4294967295 means "leave it unchanged" to chown(2) and setresuid(2). */
export const MAX_ID = 4294967294;

/** One half of a user-spec: not given, a number, or a name. */
export type Wanted =
  | { readonly kind: "none" }
  | { readonly kind: "id"; readonly id: number }
  | { readonly kind: "name"; readonly name: string };

export interface UserSpec {
  readonly user: Wanted;
  readonly group: Wanted;
}

/**
 * Reads `[user][:[group]]`; `user:` means `user`. A word of digits is a number, anything else a name (moby/sys/user).
 * Throws a Failure for an ID above 4294967294 and for a second colon.
 */
export function parseUserSpec(text: string): UserSpec {
  const colon = text.indexOf(":");
  if (colon < 0) return { user: parseWanted(text, "user", text), group: { kind: "none" } };
  const user = text.slice(0, colon);
  const group = text.slice(colon + 1);
  if (group.includes(":")) {
    throw new Failure(`user-spec '${text}': more than one ':'`, "write user, user:group, or numbers such as 1000:1000");
  }
  return { user: parseWanted(user, "user", text), group: parseWanted(group, "group", text) };
}

function parseWanted(word: string, what: string, spec: string): Wanted {
  if (word === "") return { kind: "none" };
  if (!isDigits(word)) return { kind: "name", name: word };
  const id = numberOf(word);
  if (!(id <= MAX_ID))
    throw new Failure(`user-spec '${spec}': ${what} ID ${word} is out of range`, "IDs go from 0 to 4294967294");
  return { kind: "id", id };
}
