// tsgosu's own command line: words → what is asked for.

import { Failure } from "../failure.ts";
import { CHECK_USAGE, RUN_USAGE } from "./help.ts";
import { type Asked, NOTHING_ASKED, type Option, optionNamed, optionTable, optionWithLetter } from "./options.ts";
import type { CheckRequest, Mode, Request, RunRequest, Words } from "./request.ts";

/**
 * Reads tsgosu's own command line. Throws a Failure for an option that is unknown or stands beside one that excludes it, for a
 * value that its option does not take, for an empty user-spec, and for missing words.
 */
export function parseOptions(words: Words): Request {
  const { asked, at } = readOptions(words);
  switch (asked.action) {
    case "help":
      return { action: "help" };
    case "version":
      return { action: "version" };
    case "explain":
      refuseCheckOption(asked);
      if (at < words.count) throw nothingIsRun(words);
      return { action: "explain", message: asked.message };
    case "check":
      if (at + 1 < words.count) throw nothingIsRun(words);
      refuseEmptyUserSpec(words, at);
      return checkRequest(words, at, asked);
    case "run":
      refuseCheckOption(asked);
      refuseEmptyUserSpec(words, at);
      return runRequest(words, at, asked);
  }
}

/** What runs the command that follows the user-spec at `at`. Throws a Failure where either is missing. */
export function runRequest(words: Words, at: number, asked: Asked): RunRequest {
  if (at >= words.count) throw new Failure("no user-spec and no command", usage(RUN_USAGE));
  const userSpec = words.at(at);
  if (at + 1 >= words.count) throw new Failure(`no command after user-spec '${userSpec}'`, usage(RUN_USAGE));
  const { init, parentDeath } = asked;
  return { action: "run", userSpec, firstWord: at + 1, mode: modeOf(asked), init, parentDeath, settings: asked };
}

function checkRequest(words: Words, at: number, asked: Asked): CheckRequest {
  const userSpec = at < words.count ? words.at(at) : undefined;
  return { action: "check", userSpec, json: asked.json, settings: asked };
}

/** An option that only an init can follow makes tsgosu stay as init. */
function modeOf(asked: Asked): Mode {
  if (asked.initOption === "") return asked.mode;
  if (asked.mode !== "exec") return "init";
  throw new Failure(`--exec and ${asked.initOption}: tsgosu is gone when the command runs`, "leave one of the two out");
}

function refuseCheckOption(asked: Asked): void {
  if (asked.checkOption !== "") throw new Failure(`${asked.checkOption}: only with --check`, usage(CHECK_USAGE));
}

/** A variable that is not set must not mean the current user, who is root. */
function refuseEmptyUserSpec(words: Words, at: number): void {
  if (at < words.count && words.at(at) === "") throw new Failure("the user-spec is empty", IS_IT_SET);
}

function nothingIsRun(words: Words): Failure {
  return new Failure(`'${words.at(words.count - 1)}': nothing is run with --check`, usage(CHECK_USAGE));
}

function usage(line: string): string {
  return `usage: ${line}`;
}

const IS_IT_SET = "is the variable that should hold it set?";

/** What the options ask for, and where the first word after them stands. */
interface Read {
  readonly asked: Asked;
  readonly at: number;
}

/** Reads options up to the first word that is none, up to `--`, or up to one that ends them. */
function readOptions(words: Words): Read {
  let asked = NOTHING_ASKED;
  let table: readonly Option[] = [];
  let at = 1;
  while (at < words.count) {
    const word = words.at(at);
    if (!word.startsWith("-") || word === "-") break;
    at++;
    if (word === "--") break;
    if (table.length === 0) table = optionTable();
    for (const { option, joined } of optionsIn(table, word)) {
      const value = valueGiven(table, option, joined, at < words.count ? words.at(at) : "");
      if (option.value !== undefined && joined === undefined) at++;
      asked = withOption(asked, option, value);
      if (option.ends === true) return { asked, at };
    }
  }
  return { asked, at };
}

function withOption(asked: Asked, option: Option, value: string): Asked {
  const next = option.set(asked, value);
  if (next === undefined) throw new Failure(`${option.name}: '${value}' is not a valid value`, option.expects);
  return noteNeed(next, option, value);
}

function noteNeed(asked: Asked, option: Option, value: string): Asked {
  if (option.needs === "init" && value !== option.byDefault) return { ...asked, initOption: option.name };
  return option.needs === "check" ? { ...asked, checkOption: option.name } : asked;
}

/** An option in a word, and the value that is joined to it, if any. */
interface Given {
  readonly option: Option;
  readonly joined: string | undefined;
}

/** The options that a word holds: `--name` and `--name=value` are one, letters can be joined as in `-gse143`. */
function optionsIn(table: readonly Option[], word: string): readonly Given[] {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    const option = optionNamed(table, nameIn(word));
    if (option === undefined) throw unknown(word);
    return [{ option, joined: equals < 0 ? undefined : word.slice(equals + 1) }];
  }
  const given: Given[] = [];
  for (let at = 1; at < word.length; at++) {
    const option = optionWithLetter(table, word.charAt(at));
    if (option === undefined || (option.ends === true && word.length > 2)) throw unknown(word);
    const isLast = option.value !== undefined || at + 1 === word.length;
    const rest = word.slice(at + 1);
    given.push({ option, joined: isLast && rest !== "" ? rest : undefined });
    if (isLast) break;
  }
  return given;
}

/** `--name` of `--name=value`. */
function nameIn(word: string): string {
  const equals = word.indexOf("=");
  return equals < 0 ? word : word.slice(0, equals);
}

function unknown(word: string): Failure {
  return new Failure(
    `${word}: unknown option`,
    "tsgosu --help lists the options; the command's own options stand after it",
  );
}

/** The value of an option: what is joined to it, else the next word. Throws a Failure where one is missing, or one too many. */
function valueGiven(table: readonly Option[], option: Option, joined: string | undefined, next: string): string {
  if (option.value === undefined) {
    if (joined !== undefined) throw new Failure(`${option.name}=${joined}: ${option.name} takes no value`);
    return "";
  }
  const value = joined ?? next;
  if (value === "") throw new Failure(`${option.name}: its value is missing or empty`, IS_IT_SET);
  if (joined === undefined && isOption(table, value))
    throw new Failure(
      `${option.name}: its value is missing: '${value}' is an option`,
      `if that is the value, write ${option.name}=${value}`,
    );
  return value;
}

/** Whether a word is an option by itself, or ends them. */
function isOption(table: readonly Option[], word: string): boolean {
  if (word === "--" || optionNamed(table, nameIn(word)) !== undefined) return true;
  return word.length === 2 && word.startsWith("-") && optionWithLetter(table, word.charAt(1)) !== undefined;
}
