// The clauses of a message, and the names in each of them: of a container, a user, a file.

import { isDigits, itemOf, lowerCase } from "../text.ts";

/** The UID of the user called `user`; undefined if there is no such user. */
export type UidOf = (user: string) => number | undefined;

/**
 * The message without the backslashes of JSON, and with plain quotes in place of those that programs print in a UTF-8
 * locale.
 */
export function plainMessage(copied: string): string {
  const plain = copied.split("\\n").join("\n").split("\\").join("");
  const single = plain.split("\xe2\x80\x98").join("'").split("\xe2\x80\x99").join("'");
  return single.split("\xe2\x80\x9c").join('"').split("\xe2\x80\x9d").join('"');
}

/** The parts of a message that are about one thing each: lines, and the rules that admission lists with `), ` in between. */
export function clausesOf(message: string): string[] {
  return message.split("), ").join(")\n").split("\n");
}

/** Whether a clause contains `text`, in which `*` stands for anything. */
export function holds(clause: string, text: string): boolean {
  const pieces = text.split("*");
  let at = 0;
  for (let i = 0; i < pieces.length; i++) {
    const piece = itemOf(pieces, i);
    const found = clause.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return true;
}

/** `container web`, `the container`: what kubelet names at the end of `message`, (pod: "web_default(UID)", container: web). */
export function containerOf(message: string): string {
  const container = between(message, "container: ", ")");
  return container === "" ? "the container" : `container ${container}`;
}

/**
 * What stands in an explanation for `name`, as a table of meanings writes it without its angle brackets: a name in `clause`, or
 * words such as `the file` if it contains none. `container` is the one that the message as a whole is about.
 */
export function nameIn(clause: string, name: string, container: string, uidOf: UidOf): string {
  switch (name) {
    case "container":
      return containersIn(clause, container);
    case "pod":
      return podIn(between(clause, 'pods "', '"'));
    case "policy":
      return or(between(clause, 'PodSecurity "', '"'), "of its label");
    case "user":
      return or(namedUser(clause), or(otherUser(clause), "that user"));
    case "uidOfUser":
      return `${uidOfUser(namedUser(clause), uidOf)}`;
    case "uid":
      return unknownUid(clause);
    case "file":
      return or(pathIn(clause), "the file");
    case "missing":
      return missingWhat(missingProgram(clause));
    case "wanted":
      return or(between(clause, "cannot become ", ": "), "that user");
    default:
      return `<${name}>`;
  }
}

function podIn(pod: string): string {
  return pod === "" ? "the pod" : `pod ${pod}`;
}

/** The user whom kubelet knows only by name; empty if the clause is not about one. */
function namedUser(clause: string): string {
  return between(clause, "non-numeric user (", ")");
}

/** The user's UID here; 1000 as an example if it has none. */
function uidOfUser(user: string, uidOf: UidOf): number {
  return (user === "" ? undefined : uidOf(user)) ?? 1000;
}

/** A program that was not found, and where it was looked for. */
function missingWhat(program: string): string {
  if (program.startsWith("/")) return `file ${program}`;
  return program === "" ? "program of that name in its PATH" : `program ${program} in its PATH`;
}

/** The user that gosu was to become, or that an engine or tsgosu did not find. */
function otherUser(clause: string): string {
  const byTsgosu = between(clause, "user '", "'");
  return or(between(clause, 'switching to "', '"'), or(between(`${clause}:`, "unable to find user ", ":"), byTsgosu));
}

/** The UID that a program does not know, in several kinds of messages. */
function unknownUid(clause: string): string {
  const uid = or(
    numberAfter(clause, "uid not found"),
    or(numberAfter(clause, "for uid"), numberAfter(clause, "user ID")),
  );
  return uid === "" ? "the UID of the process" : `UID ${uid}`;
}

/** The program that runc, crun or tsgosu did not find; empty if the clause does not say. */
function missingProgram(clause: string): string {
  const byEngine = or(between(clause, 'exec: "', '"'), between(clause, "executable file `", "`"));
  return or(byEngine, between(clause, "tsgosu: ", ": not found in PATH"));
}

/** The containers that an admission rule is about: (pod or containers "a", "b" must set …), or (pod must …). */
function containersIn(clause: string, otherwise: string): string {
  const one = between(clause, 'container "', '"');
  if (one !== "") return `container ${one}`;
  const several = quotedList(clause, 'containers "');
  if (several !== "") return `containers ${several}`;
  return clause.includes("(pod ") ? "the pod" : otherwise;
}

/** `a, b` of `before` + `a", "b" …`; empty if `text` has no such list. */
function quotedList(text: string, before: string): string {
  const at = text.indexOf(before);
  const pieces = at < 0 ? [] : text.slice(at + before.length).split('"');
  let list = itemOf(pieces, 0);
  // Items and separators alternate.
  for (let i = 2; itemOf(pieces, i - 1) === ", "; i += 2) list += `, ${itemOf(pieces, i)}`;
  return list;
}

/** The part of `text` between the first `before` and the next `after`; empty if there is none. */
function between(text: string, before: string, after: string): string {
  const at = text.indexOf(before);
  const start = at + before.length;
  const end = at < 0 ? at : text.indexOf(after, start);
  return end < 0 ? "" : text.slice(start, end);
}

/** The number after `before` and an optional colon; empty if there is none. */
function numberAfter(text: string, before: string): string {
  const at = text.indexOf(before);
  const word = at < 0 ? "" : untilAny(itemOf(text.slice(at + before.length).split(" "), 1), 0, ":,.;)'\"");
  return isDigits(word) ? word : "";
}

function or(text: string, otherwise: string): string {
  return text === "" ? otherwise : text;
}

/**
 * The file that a clause is about; empty if it names none. It is quoted right after or right before the refusal, or it is
 * the nearest word that looks like a path, preferably before the refusal.
 */
function pathIn(clause: string): string {
  const refusal = refusalIn(clause);
  const at = clause.indexOf(refusal);
  const before = clause.slice(0, at);
  const after = clause.slice(at + refusal.length);
  return or(or(quotedAfter(after), quotedBefore(before)), or(lastPath(before), firstPath(after)));
}

/** The words by which a clause says that something about a file is refused; empty if it does not. */
function refusalIn(clause: string): string {
  const searched = lowerCase(clause);
  const refusals = [
    "changing ownership of",
    "has wrong ownership",
    "permission denied",
    "operation not permitted",
    "read-only file system",
    "no such file or directory",
    "exec format error",
    "is a directory",
  ];
  for (let i = 0; i < refusals.length; i++) {
    const at = searched.indexOf(itemOf(refusals, i));
    if (at >= 0) return clause.slice(at, at + itemOf(refusals, i).length);
  }
  return "";
}

/** X of `: 'X'` (Python) or `, open 'X'` (Node.js), at the start of `text`. */
function quotedAfter(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (isQuote(character)) return i === 0 ? "" : between(text, character, character);
    if (!isOneOf(character, ":, abcdefghijklmnopqrstuvwxyz")) return "";
  }
  return "";
}

/** X of `'X': `, at the end of `text`. */
function quotedBefore(text: string): string {
  const end = text.length - 3;
  const quote = text.charAt(end);
  if (end <= 0 || text.slice(end + 1) !== ": " || !isQuote(quote)) return "";
  return text.slice(text.lastIndexOf(quote, end - 1) + 1, end);
}

function lastPath(text: string): string {
  let last = "";
  for (let i = 0; i < text.length; i++) if (startsPath(text, i)) last = pathFrom(text, i);
  return last;
}

function firstPath(text: string): string {
  for (let i = 0; i < text.length; i++) if (startsPath(text, i)) return pathFrom(text, i);
  return "";
}

/** Whether a word that is a path from `/`, `.` or `..` begins at `index`: the `/` in `and/or` or `unix:///` is not one. */
function startsPath(text: string, index: number): boolean {
  if (index > 0 && !isOneOf(text.charAt(index - 1), " \t(=['\"`")) return false;
  return text.startsWith("/", index) || text.startsWith("./", index) || text.startsWith("../", index);
}

/** The path that begins at `index`, up to the closing quote or the end of the word. */
function pathFrom(text: string, index: number): string {
  const quote = index > 0 ? text.charAt(index - 1) : "";
  const path = untilAny(text, index, isQuote(quote) ? quote : " \t:,;)]'\"`");
  return path.endsWith(".") && path.length > 2 && !isQuote(quote) ? path.slice(0, path.length - 1) : path;
}

/** `text` from `start` up to, not including, the first of these characters; else up to its end. */
function untilAny(text: string, start: number, characters: string): string {
  let end = start;
  while (end < text.length && !isOneOf(text.charAt(end), characters)) end++;
  return text.slice(start, end);
}

function isQuote(character: string): boolean {
  return isOneOf(character, "'\"`");
}

/** Whether the one character is among these. */
function isOneOf(character: string, characters: string): boolean {
  return character !== "" && characters.includes(character);
}
