# What fish completes after tsgosu. Written by scripts/completions.ts from src/cli/options.ts.

# Whether the cursor is at one of these places: option (or the user-spec), value, user, command, rest.
function __tsgosu_at
    set -l words (commandline -opc)
    set -l place option
    for word in $words[2..]
        switch $place
            case option
                switch $word
                    case --group-of --umask --match --chown -e --ok-exit -r --rewrite -p --parent-death --grace --orphans --caps --explain
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
complete -c tsgosu -n '__tsgosu_at option value' -l exec -d 'replace tsgosu with the command'
complete -c tsgosu -n '__tsgosu_at option value' -l init -d 'stay as the command\'s parent: forward signals, reap zombies, pass on the exit status'
complete -c tsgosu -n '__tsgosu_at option value' -l if-root -d 'switch only if started as root; otherwise run the command as the current user'
complete -c tsgosu -n '__tsgosu_at option value' -l login -d 'also set USER, LOGNAME and SHELL (HOME is always set)'
complete -c tsgosu -n '__tsgosu_at option value' -l new-session -d 'run the command in a session of its own, so that it cannot type into root\'s shell'
complete -c tsgosu -n '__tsgosu_at option value' -l keep-groups -d 'keep the supplementary groups that tsgosu was started with, but not GID 0'
complete -c tsgosu -n '__tsgosu_at option value' -l group-of -r -F -d 'join the group that owns PATH, such as /var/run/docker.sock'
complete -c tsgosu -n '__tsgosu_at option value' -l umask -x -d 'set the command\'s umask'
complete -c tsgosu -n '__tsgosu_at option value' -l keep-stdio-owner -d 'do not give the standard streams to the user'
complete -c tsgosu -n '__tsgosu_at option value' -l match -r -F -d 'give the user the UID and GID of PATH\'s owner; TSGOSU_MATCH can name another PATH, or no'
complete -c tsgosu -n '__tsgosu_at option value' -l puid -d 'give the user the UID and GID in the variables PUID and PGID, and the umask in UMASK'
complete -c tsgosu -n '__tsgosu_at option value' -l no-chown -d 'with --match or --puid: do not change the owner of files in the home directory'
complete -c tsgosu -n '__tsgosu_at option value' -l chown -r -F -d 'make PATH and everything under it the user\'s, unless PATH itself already is'
complete -c tsgosu -n '__tsgosu_at option value' -s g -l kill-group -d 'forward signals to the command\'s whole process group'
complete -c tsgosu -n '__tsgosu_at option value' -s e -l ok-exit -x -d 'report exit code CODE as 0'
complete -c tsgosu -n '__tsgosu_at option value' -s r -l rewrite -x -d 'forward signal FROM as signal TO, or drop it if TO is 0'
complete -c tsgosu -n '__tsgosu_at option value' -s s -l subreaper -d 'adopt orphans even where tsgosu is not PID 1'
complete -c tsgosu -n '__tsgosu_at option value' -s p -l parent-death -x -a 'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS' -d 'receive SIGNAL when tsgosu\'s parent dies'
complete -c tsgosu -n '__tsgosu_at option value' -l grace -x -d 'kill what still runs SECONDS after the first signal that asks the command to end'
complete -c tsgosu -n '__tsgosu_at option value' -l orphans -x -a 'leave stop reap' -d 'what to do with processes that outlive the command'
complete -c tsgosu -n '__tsgosu_at option value' -l no-new-privs -d 'set no_new_privs, so that setuid programs and file capabilities have no effect'
complete -c tsgosu -n '__tsgosu_at option value' -l caps -x -d 'keep only these capabilities: none, all, or names such as net_bind_service,chown'
complete -c tsgosu -n '__tsgosu_at option value' -l restricted -d 'meet the Pod Security Standard "restricted": --no-new-privs --caps none, and never UID 0'
complete -c tsgosu -n '__tsgosu_at option value' -l check -d 'report the security posture that the command would have, and run nothing'
complete -c tsgosu -n '__tsgosu_at option value' -l json -d 'with --check: print the report as JSON'
complete -c tsgosu -n '__tsgosu_at option value' -l explain -x -d 'explain a message of tsgosu, a cluster, an engine, the kernel or a program, and how to fix its cause'
complete -c tsgosu -n '__tsgosu_at option value' -l verbose -d 'report each step on standard error'
complete -c tsgosu -n '__tsgosu_at option value' -s h -l help -d 'print this help'
complete -c tsgosu -n '__tsgosu_at option value' -s v -l version -d 'print the version'
complete -c tsgosu -n '__tsgosu_at option user' -a '(__fish_complete_users)'
complete -c tsgosu -n '__tsgosu_at command' -a '(__fish_complete_command)'
complete -c tsgosu -n '__tsgosu_at rest' -F
