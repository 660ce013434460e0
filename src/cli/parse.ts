// tsgosu's own command line: words → what is asked for.

import { Failure } from "../failure.ts";
import { CHECK_USAGE, EXPLAIN_USAGE, RUN_USAGE } from "./help.ts";
import { nearestOption } from "./nearest.ts";
import { type Asked, NOTHING_ASKED, type Option, optionNamed, optionTable, optionWithLetter } from "./options.ts";
import type { CheckRequest, Mode, Request, RunRequest, Words } from "./request.ts";

/**
 * Reads tsgosu's own command line. Throws a Failure for an unknown option, for options that exclude each other, for an invalid
 * value, for an empty user-spec, and for missing or surplus words.
 */
export function parseOptions(words: Words): Request {
  const { asked, at } = readOptions(words);
  const { action, json, message } = asked;
  if (json && action === "run") throw new Failure("--json: only with --check", usage(CHECK_USAGE));
  switch (action) {
    case "help":
      return { action: "help" };
    case "version":
      return { action: "version" };
    case "explain":
      if (at < words.count || json)
        throw new Failure("--explain: takes a message, and neither --json nor a user-spec", usage(EXPLAIN_USAGE));
      return { action: "explain", message };
    case "check":
      if (at + 1 < words.count) throw nothingIsRun(words);
      refuseEmptyUserSpec(words, at);
      return checkRequest(words, at, asked);
    case "run":
      refuseEmptyUserSpec(words, at);
      return runRequest(words, at, asked);
  }
}

function checkRequest(words: Words, at: number, asked: Asked): CheckRequest {
  return { action: "check", userSpec: at < words.count ? words.at(at) : undefined, json: asked.json, settings: asked };
}

/**
 * The request to run the command that follows the user-spec at `at`. Throws a Failure if either is missing, with a hint that shows
 * `usageLine`.
 */
export function runRequest(words: Words, at: number, asked: Asked, usageLine: string = RUN_USAGE): RunRequest {
  if (at >= words.count) throw new Failure("no user-spec and no command", hintForMissing(words, at, usageLine));
  const userSpec = words.at(at);
  if (at + 1 >= words.count)
    throw new Failure(`no command after user-spec '${userSpec}'`, hintForMissing(words, at, usageLine));
  const { init, parentDeath } = asked;
  return { action: "run", userSpec, firstWord: at + 1, mode: modeOf(asked), init, parentDeath, settings: asked };
}

/** If a word is missing, the value of the last option before `at` may have been forgotten, and the user-spec taken for it. */
function hintForMissing(words: Words, at: number, usageLine: string): string {
  const option = at > 2 ? words.at(at - 2) : "";
  const value = at > 2 ? words.at(at - 1) : "-";
  if (looksLikeOption(option) && !value.startsWith("-")) return `'${value}' was taken as the value of ${option}`;
  return usage(usageLine);
}

/** An option that only an init can carry out makes tsgosu stay as init. */
function modeOf(asked: Asked): Mode {
  const { mode, initOptions } = asked;
  if (initOptions.length === 0) return mode;
  if (mode !== "exec") return "init";
  throw new Failure(
    `--exec and an option of init: tsgosu is gone when the command runs, and ${initOptions.join(", ")} would have no effect`,
    "leave out --exec, or the options of init",
  );
}

/** An unset variable must not mean the current user, who may be root. */
function refuseEmptyUserSpec(words: Words, at: number): void {
  if (at < words.count && words.at(at) === "") throw new Failure("the user-spec is empty", IS_IT_SET);
}

function nothingIsRun(words: Words): Failure {
  return new Failure(`'${words.at(words.count - 1)}': --check runs no command`, usage(CHECK_USAGE));
}

function usage(line: string): string {
  return `usage: ${line}`;
}

const IS_IT_SET = "is the variable that should hold it set?";

/** What the options ask for, and the index of the first word after them. */
interface Read {
  readonly asked: Asked;
  readonly at: number;
}

/** Reads options up to the first word that is not one, up to `--`, or up to an option that ends them. */
function readOptions(words: Words): Read {
  let asked = NOTHING_ASKED;
  let table: readonly Option[] = [];
  let at = 1;
  while (at < words.count) {
    const word = words.at(at);
    if (!looksLikeOption(word)) break;
    at++;
    if (word === "--") break;
    if (table.length === 0) table = optionTable();
    for (const { option, joined } of optionsIn(table, word)) {
      const value = valueGiven(option, joined, at < words.count ? words.at(at) : "");
      if (option.value !== undefined && joined === undefined) at++;
      asked = withOption(asked, option, value);
      if (option.ends === true) return { asked, at };
    }
  }
  return { asked, at };
}

/** A single `-` is a word like any other (POSIX, Utility Syntax Guidelines). */
export function looksLikeOption(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function withOption(asked: Asked, option: Option, value: string): Asked {
  const next = option.set(asked, value);
  if (next === undefined) throw new Failure(`${option.name} '${value}': invalid value`, option.hint);
  return option.ofInit === true ? withInitOption(next, option, value) : next;
}

/** Notes that an option of init is given, unless its value means the same as leaving it out. The last value counts. */
function withInitOption(asked: Asked, option: Option, value: string): Asked {
  const initOptions = asked.initOptions.filter((name) => name !== option.name);
  if (value !== option.byDefault) initOptions.push(option.name);
  return { ...asked, initOptions };
}

/** An option in a word, and the value joined to it, if any. */
interface Given {
  readonly option: Option;
  readonly joined: string | undefined;
}

/** The options in a word: `--name` and `--name=value` are one; letters can be joined, as in `-gse143`. */
function optionsIn(table: readonly Option[], word: string): readonly Given[] {
  if (!word.startsWith("--")) return lettersIn(table, word);
  const equals = word.indexOf("=");
  const option = optionNamed(table, equals < 0 ? word : word.slice(0, equals));
  if (option === undefined) throw unknown(table, word);
  return [{ option, joined: equals < 0 ? undefined : word.slice(equals + 1) }];
}

/** Whatever follows a letter that takes a value is that value. */
function lettersIn(table: readonly Option[], word: string): readonly Given[] {
  const given: Given[] = [];
  for (let at = 1; at < word.length; at++) {
    const option = optionWithLetter(table, word.charAt(at));
    if (option === undefined || (option.ends === true && word.length > 2)) throw unknown(table, word);
    const takesValue = option.value !== undefined;
    const rest = word.slice(at + 1);
    given.push({ option, joined: takesValue && rest !== "" ? rest : undefined });
    if (takesValue) break;
  }
  return given;
}

function unknown(table: readonly Option[], word: string): Failure {
  const meant = nearestOption(table, word);
  const guess = meant === "" ? "" : `is ${meant} meant? `;
  return new Failure(
    `${word}: unknown option`,
    `${guess}tsgosu --help lists the options; the command's own options go after the command`,
  );
}

/**
 * The value of an option: what is joined to it, else the next word. Throws a Failure if the value is missing or empty, or if
 * one is joined to an option that takes none.
 */
function valueGiven(option: Option, joined: string | undefined, next: string): string {
  const { name } = option;
  if (option.value === undefined) {
    if (joined !== undefined) throw new Failure(`${name}=${joined}: ${name} takes no value`);
    return "";
  }
  const value = joined ?? next;
  if (value === "") throw new Failure(`${name}: its value is missing or empty`, IS_IT_SET);
  // If a value was forgotten, the next option must not be swallowed in its place, which would silently disable it.
  if (joined === undefined && looksLikeOption(value))
    throw new Failure(`${name}: its value is missing before ${value}`, `if that is the value: ${name}=${value}`);
  return value;
}
