# What bash completes after tsgosu. Written by scripts/completions.ts from src/cli/options.ts.

_tsgosu() {
    local word=${COMP_WORDS[COMP_CWORD]} place=option option= words= i
    # Where the cursor is: at an option or the user-spec, at an option's value, at the user-spec alone, at the command or after it.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case $place:${COMP_WORDS[i]} in
            value:=) ;;
            value:*) place=option ;;
            option:--) place=user ;;
            option:--group-of | option:--umask | option:--match | option:--chown | option:-e | option:--ok-exit | option:-r | option:--rewrite | option:-p | option:--parent-death | option:--grace | option:--orphans | option:--caps | option:--explain) place=value option=${COMP_WORDS[i]} ;;
            option:-*) ;;
            option:* | user:*) place=command ;;
            *) place=rest ;;
        esac
    done
    # bash takes --option=value apart.
    [[ $word == = ]] && word=
    case $place in
        option) if [[ $word == -* ]]; then words=$(compgen -W '--exec --init --if-root --login --new-session --keep-groups --group-of --umask --keep-stdio-owner --match --puid --no-chown --chown -g --kill-group -e --ok-exit -r --rewrite -s --subreaper -p --parent-death --grace --orphans --no-new-privs --caps --restricted --check --json --explain --verbose -h --help -v --version' -- "$word"); else words=$(compgen -u -- "$word"); fi ;;
        value) case $option in
            --group-of | --match | --chown) compopt -o filenames 2>/dev/null; words=$(compgen -f -- "$word") ;;
            -p | --parent-death) words=$(compgen -W 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS' -- "$word") ;;
            --orphans) words=$(compgen -W 'leave stop reap' -- "$word") ;;
        esac ;;
        user) words=$(compgen -u -- "$word") ;;
        command) words=$(compgen -c -- "$word" | sort -u) ;;
        rest) compopt -o filenames 2>/dev/null; words=$(compgen -f -- "$word") ;;
    esac
    COMPREPLY=()
    [[ -z $words ]] || mapfile -t COMPREPLY <<<"$words"
}
complete -F _tsgosu tsgosu
