# What bash completes after tsgosu. Written by scripts/completions.ts from src/cli/options.ts.

_tsgosu() {
    local word place=option option= words= given=() rest=${COMP_LINE:0:COMP_POINT} piece last= i
    # bash takes user:group and FROM:TO apart at the colon. What no blank divides is one word.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if [[ $rest != [[:blank:]]* && ($piece == : || $last == :) ]]; then
            given[${#given[@]} - 1]+=$piece
        else
            given+=("$piece")
        fi
        rest=${rest#*"$piece"} last=$piece
    done
    word=${given[${#given[@]} - 1]}
    # Where the cursor is: at an option or the user-spec, at an option's value, at the user-spec alone, at the command or after it.
    for ((i = 1; i < ${#given[@]} - 1; i++)); do
        case $place:${given[i]} in
            value:=) ;;
            value:*) place=option ;;
            option:--) place=user ;;
            option:--group-of | option:--umask | option:--match | option:--chown | option:-e | option:--ok-exit | option:-r | option:--rewrite | option:-p | option:--parent-death | option:--grace | option:--orphans | option:--caps | option:--explain) place=value option=${given[i]} ;;
            option:-*) ;;
            option:* | user:*) place=command ;;
            *) place=rest ;;
        esac
    done
    # bash takes --option=value apart.
    [[ $word == = ]] && word=
    case $place in
        option) if [[ $word == -* ]]; then words=$(compgen -W '--exec --init --if-root --login --new-session --keep-groups --group-of --umask --keep-stdio-owner --match --puid --no-chown --chown -g --kill-group -e --ok-exit -r --rewrite -s --subreaper -p --parent-death --grace --orphans --no-new-privs --caps --restricted --check --json --explain --verbose -h --help -v --version' -- "$word"); else words=$(_tsgosu_user_spec "$word"); fi ;;
        value) case $option in
            --group-of | --match | --chown) compopt -o filenames 2>/dev/null; words=$(compgen -f -- "$word") ;;
            -p | --parent-death) words=$(compgen -W 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS' -- "$word") ;;
            --orphans) words=$(compgen -W 'leave stop reap' -- "$word") ;;
        esac ;;
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
    [[ $COMP_WORDBREAKS == *:* ]] || before=${1%%:*}:
    if [[ $1 == *:* ]]; then compgen -P "$before" -g -- "${1#*:}"; else compgen -u -- "$1"; fi
}
complete -F _tsgosu tsgosu
