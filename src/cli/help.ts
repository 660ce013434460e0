// What --help prints, and the usage lines that errors show.

import { type Option, optionTable } from "./options.ts";

export const RUN_USAGE = "tsgosu [options] [--] user-spec command [argument ...]";
export const CHECK_USAGE = "tsgosu [options] --check [--json] [user-spec]";
export const EXPLAIN_USAGE = "tsgosu --check --explain MESSAGE";
export const OTHER_USAGE = "tsgosu --help | --version";

/** `-e, --ok-exit CODE`: an option as the help, the man page and the README write it. */
export function optionTitle(option: Option): string {
  const letter = option.letter === undefined ? "" : `-${option.letter}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return `${letter}${option.name}${value}`;
}

/** What --help prints. */
export function helpText(): string {
  let options = "";
  for (const option of optionTable()) options += helpLine(option);
  return `usage: ${RUN_USAGE}
       ${CHECK_USAGE}
       ${EXPLAIN_USAGE}
       ${OTHER_USAGE}

tsgosu becomes the user and runs the command. It is the first program in a container's ENTRYPOINT:

    ENTRYPOINT ["tsgosu", "app"]

user-spec is user, user:group, or numbers such as 1000:1000. As PID 1 tsgosu stays as init; otherwise the command replaces it.

options:
${options}
exit codes: the command's own; 128+N if signal N ended it; 125 tsgosu failed; 126 cannot run; 127 not found
`;
}

/** As wide as the longest option plus two spaces. */
const COLUMN = "                           ";

function helpLine(option: Option): string {
  const ofInit = option.ofInit === true ? "init: " : "";
  const byDefault = option.byDefault === undefined ? "" : ` (default: ${option.byDefault})`;
  const repeatable = option.repeatable === true ? " (repeatable)" : "";
  const title = optionTitle(option);
  return `  ${title}${COLUMN.slice(title.length)}${ofInit}${option.help}${byDefault}${repeatable}\n`;
}
