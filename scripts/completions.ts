// Writes completions/: what bash, zsh and fish complete after `tsgosu`, from the table of options in src/cli/options.ts.
// usage: npm run completions    writes the files
//        (a unit test holds the files to what this makes of the table)

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Option, optionTable } from "../src/cli/options.ts";
import { signalName } from "../src/kernel/signals.ts";
import { PROJECT } from "./host.ts";

const FOLDER = "completions";

/** Where each file belongs below /usr/share. */
export const COMPLETIONS = {
  "tsgosu.bash": "bash-completion/completions/tsgosu",
  _tsgosu: "zsh/site-functions/_tsgosu",
  "tsgosu.fish": "fish/vendor_completions.d/tsgosu.fish",
} as const;

/** How an option's value is completed, by the word that stands for it in the help. */
type Kind = "file" | "choice" | "other";

function kindOf(option: Option): Kind {
  if (option.value === "PATH") return "file";
  return choicesOf(option) === "" ? "other" : "choice";
}

/** All values that it takes, where they can be counted, with blanks between them. */
function choicesOf({ value = "" }: Option): string {
  if (value === "SIGNAL") return Array.from({ length: 31 }, (_, i) => signalName(i + 1).slice("SIG".length)).join(" ");
  return value.includes("|") ? value.replaceAll("|", " ") : "";
}

/** All its spellings. */
function spellings({ name, letter }: Option): string[] {
  return letter === undefined ? [name] : [`-${letter}`, name];
}

/** The files by their names, for the options of a table. */
export function completions(table: readonly Option[]): Map<keyof typeof COMPLETIONS, string> {
  return new Map([
    ["tsgosu.bash", bash(table)],
    ["_tsgosu", zsh(table)],
    ["tsgosu.fish", fish(table)],
  ]);
}

function head(shell: string): string {
  return `# What ${shell} completes after tsgosu. Written by scripts/completions.ts from src/cli/options.ts.`;
}

function bash(table: readonly Option[]): string {
  const valued = table.filter(({ value }) => value !== undefined);
  const patterns = (kind: Kind): string =>
    valued
      .filter((option) => kindOf(option) === kind)
      .flatMap(spellings)
      .join(" | ");
  const choices = valued
    .filter((option) => kindOf(option) === "choice")
    .map(
      (option) =>
        `            ${spellings(option).join(" | ")}) words=$(compgen -W '${choicesOf(option)}' -- "$word") ;;\n`,
    );
  return `${head("bash")}

_tsgosu() {
    local word place=option option= words= given=() rest=\${COMP_LINE:0:COMP_POINT} piece last= i
    # bash takes user:group and FROM:TO apart at the colon. What no blank divides is one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=\${COMP_WORDS[i]}
        if [[ $rest != [[:blank:]]* && ($piece == : || $last == :) ]]; then
            given[\${#given[@]} - 1]+=$piece
        else
            given+=("$piece")
        fi
        rest=\${rest#*"$piece"} last=$piece
    done
    word=\${given[\${#given[@]} - 1]}
    # Where the cursor is: at an option or the user-spec, at an option's value, at the user-spec alone, at the command or after it.
    for ((i = 1; i < \${#given[@]} - 1; i++)); do
        case $place:\${given[i]} in
            value:=) ;;
            value:*) place=option ;;
            option:--) place=user ;;
            option:${valued.flatMap(spellings).join(" | option:")}) place=value option=\${given[i]} ;;
            option:-*) ;;
            option:* | user:*) place=command ;;
            *) place=rest ;;
        esac
    done
    # bash takes --option=value apart.
    [[ $word == = ]] && word=
    case $place in
        option) if [[ $word == -* ]]; then words=$(compgen -W '${table.flatMap(spellings).join(" ")}' -- "$word"); else words=$(_tsgosu_user_spec "$word"); fi ;;
        value) case $option in
            ${patterns("file")}) compopt -o filenames 2>/dev/null; words=$(compgen -f -- "$word") ;;
${choices.join("")}        esac ;;
        user) words=$(_tsgosu_user_spec "$word") ;;
        command) words=$(compgen -c -- "$word" | sort -u) ;;
        rest) compopt -o filenames 2>/dev/null; words=$(compgen -f -- "$word") ;;
    esac
    COMPREPLY=()
    [[ -z $words ]] || mapfile -t COMPREPLY <<<"$words"
}

# Users, and after a colon groups. bash puts only what follows the colon into the line, unless it does not break words there.
_tsgosu_user_spec() {
    local before=
    [[ $COMP_WORDBREAKS == *:* ]] || before=\${1%%:*}:
    if [[ $1 == *:* ]]; then compgen -P "$before" -g -- "\${1#*:}"; else compgen -u -- "$1"; fi
}
complete -F _tsgosu tsgosu
`;
}

/** A word for a shell that reads it in single quotes. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function zsh(table: readonly Option[]): string {
  const actions: Readonly<Record<Exclude<Kind, "choice">, string>> = { file: "_files", other: " " };
  const lines = table.map((option) => {
    const names = spellings(option);
    const kind = kindOf(option);
    const action = kind === "choice" ? `(${choicesOf(option)})` : actions[kind];
    const value = option.value === undefined ? "" : `:${option.value.replaceAll(":", "\\:")}:${action}`;
    const help = option.help.replace(/[[\]:\\]/g, "\\$&");
    const before = option.repeatable === true ? "*" : option.ends === true ? "(- *)" : `(${names.join(" ")})`;
    return names.map((name) => {
      const joined = option.value === undefined ? "" : name.startsWith("--") ? "=" : "+";
      return `  ${quoted(`${before}${name}${joined}[${help}]${value}`)} \\\n`;
    });
  });
  return `#compdef tsgosu
${head("zsh")}

_arguments -s -S \\
${lines.flat().join("")}  '(-)1:user-spec:_users' \\
  '(-)*::command:_normal'
`;
}

function fish(table: readonly Option[]): string {
  const valued = table.filter(({ value }) => value !== undefined);
  const lines = table.map((option) => {
    const letter = option.letter === undefined ? "" : ` -s ${option.letter}`;
    const kind = kindOf(option);
    const values: Readonly<Record<Kind, string>> = {
      file: " -r -F",
      choice: ` -x -a '${choicesOf(option)}'`,
      other: " -x",
    };
    const help = option.help.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
    const value = option.value === undefined ? "" : values[kind];
    return `complete -c tsgosu -n '__tsgosu_at option value'${letter} -l ${option.name.slice(2)}${value} -d '${help}'\n`;
  });
  return `${head("fish")}

# Whether the cursor is at one of these places: option (or the user-spec), value, user, command, rest.
function __tsgosu_at
    set -l words (commandline -opc)
    set -l place option
    for word in $words[2..]
        switch $place
            case option
                switch $word
                    case ${valued.flatMap(spellings).join(" ")}
                        set place value
                    case --
                        set place user
                    case '-*'
                    case '*'
                        set place command
                end
            case value
                set place option
            case user
                set place command
            case '*'
                set place rest
        end
    end
    contains -- $place $argv
end

complete -c tsgosu -f
${lines.join("")}complete -c tsgosu -n '__tsgosu_at option user' -a '(__fish_complete_users)'
complete -c tsgosu -n '__tsgosu_at command' -a '(__fish_complete_command)'
complete -c tsgosu -n '__tsgosu_at rest' -F
`;
}

if (import.meta.main) {
  for (const [name, text] of completions(optionTable())) {
    const file = join(PROJECT, FOLDER, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}
