// The options of init on the command line.

import { Failure } from "../failure.ts";
import { signalNumber } from "../kernel/signals.ts";
import { itemOf, numberOf } from "../text.ts";
import type { InitOptions, Orphans, Rewrite } from "./options.ts";
import { isForwarded } from "./signals.ts";

/** What the init options ask for, while the words are read. */
export class InitDraft {
  killGroup: boolean = false;
  subreaper: boolean = false;
  okExits: number[] = [];
  parentDeath: number = 0;
  rewrites: Rewrite[] = [];
  grace: number | undefined = undefined;
  orphans: Orphans = "leave";

  options(): InitOptions {
    const { killGroup, subreaper, okExits, rewrites, grace, orphans } = this;
    return { killGroup, subreaper, okExits, rewrites, grace, orphans };
  }
}

/** Whether one of them is given that only an init can follow: --parent-death is for every command. */
export function wantsInit(options: InitOptions): boolean {
  const { killGroup, subreaper, okExits, rewrites, grace, orphans } = options;
  return (
    killGroup || subreaper || okExits.length > 0 || rewrites.length > 0 || grace !== undefined || orphans !== "leave"
  );
}

/** What --help says of them. */
export const INIT_HELP = `  -g, --kill-group           init: forward signals to the command's whole process group
  -e, --ok-exit CODE         init: report exit code CODE as 0 (repeatable)
  -r, --rewrite FROM:TO      init: forward signal FROM as TO, 0 drops it (repeatable)
  -s, --subreaper            init: adopt orphans although tsgosu is not PID 1
  -p, --parent-death SIGNAL  the signal to receive when tsgosu's own parent dies
  --grace SECONDS            init: SIGKILL what still runs this long after a signal to end
  --orphans WHAT             init: leave, stop or reap what outlives the command
`;

/** In the order of their letters; those that take no value first. */
const NAMES = "--kill-group --subreaper --ok-exit --parent-death --rewrite --grace --orphans";
const LETTERS = "gsepr";
const [SUBREAPER, OK_EXIT, PARENT_DEATH, REWRITE, GRACE] = [1, 2, 3, 4, 5];

/** Node's timers reach no further than 24 days. */
const MOST_MS = 2000000000;

/**
 * Reads the option `word`, as `--name`, `--name=value`, or letters joined as in `-gse143`, into `options`; `next` is its
 * value where that is not joined. How many words that took: 0 if it is no init option. Throws a Failure for a bad value.
 */
export function takeInitOption(options: InitDraft, word: string, next: string): number {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    if (equals < 0) return take(options, NAMES.split(" ").indexOf(word), "", next);
    return take(options, NAMES.split(" ").indexOf(word.slice(0, equals)), word.slice(equals + 1), "");
  }
  let at = 1;
  for (; at + 1 < word.length && isFlag(LETTERS.indexOf(word.charAt(at))); at++)
    take(options, LETTERS.indexOf(word.charAt(at)), "", "");
  return take(options, LETTERS.indexOf(word.charAt(at)), word.slice(at + 1), next);
}

function isFlag(which: number): boolean {
  return which >= 0 && which < OK_EXIT;
}

/** Sets option `which` (-1: none of these) to the value joined to it, or else to the next word: how many words it took. */
function take(options: InitDraft, which: number, joined: string, next: string): number {
  if (which < 0 || (isFlag(which) && joined !== "")) return 0;
  if (which === SUBREAPER) options.subreaper = true;
  else if (which < SUBREAPER) options.killGroup = true;
  else {
    const value = joined === "" ? next : joined;
    if (!setValue(options, which, value))
      throw new Failure(
        `${itemOf(NAMES.split(" "), which)} ${value}: no such value`,
        "CODE is 0 to 255, SIGNAL is TERM, 15 or RTMIN+1, FROM one that can be forwarded, SECONDS up to 2000000, WHAT leave, stop or reap",
      );
  }
  return isFlag(which) || joined !== "" ? 1 : 2;
}

/** False where the value is none for the option. */
function setValue(options: InitDraft, which: number, value: string): boolean {
  switch (which) {
    case OK_EXIT:
      options.okExits.push(numberOf(value));
      return numberOf(value) <= 255;
    case PARENT_DEATH:
      options.parentDeath = signalNumber(value);
      return options.parentDeath > 0;
    case REWRITE: {
      const colon = value.indexOf(":");
      const from = colon < 0 ? 0 : signalNumber(value.slice(0, colon));
      const word = value.slice(colon + 1);
      const to = signalNumber(word);
      options.rewrites.push({ from, to });
      return isForwarded(from) && (to > 0 || word === "0");
    }
    case GRACE:
      options.grace = milliseconds(value);
      return milliseconds(value) <= MOST_MS;
    default:
      options.orphans = value === "reap" ? "reap" : value === "stop" ? "stop" : "leave";
      return options.orphans === value;
  }
}

/** `10`, `0.5`: milliseconds; NaN or Infinity for what is no such number. */
function milliseconds(value: string): number {
  const point = value.indexOf(".");
  if (point < 0) return numberOf(value) * 1000;
  return numberOf(value.slice(0, point)) * 1000 + numberOf(`${value.slice(point + 1)}000`.slice(0, 3));
}
