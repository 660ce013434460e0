// What messages mean, as text. A meaning is a block of lines: texts by which a clause of a message is recognised, in lower
// case and with `*` for anything, then the cause and the fix. Words such as <file> stand for a name in the clause
// (message.ts). As text, the tables take a third of the space that objects would.

/** kubelet or an engine refuses to start a container because of the user it would run as. */
const KUBELET = `has non-numeric user
cause  runAsNonRoot is checked before the container starts, without the image's /etc/passwd, so kubelet cannot know that <user> is not root
fix    Dockerfile: USER <uidOfUser> instead of the name (in the image, id -u <user> prints the number); or <container>: securityContext: {runAsUser: <uidOfUser>}

image will run as root
cause  runAsNonRoot is set, but the image of <container> has USER root, or no USER at all
fix    Dockerfile: USER 65532; or <container>: securityContext: {runAsUser: 65532}. With ENTRYPOINT ["tsgosu", "--if-root", "app"] the image runs both ways

breaks non-root policy
cause  <container> has both runAsNonRoot: true and runAsUser: 0
fix    <container>: securityContext: {runAsUser: 65532}

unable to find user
: no such user in
cause  the image's /etc/passwd has no line for <user>
fix    Dockerfile: RUN useradd <user>; or use a number, which needs no line: USER 1000`;

/** Admission refuses a pod: the Pod Security Standards, rule by rule, OpenShift's constraints, and other policies. */
const ADMISSION = `podsecurity "
cause  the namespace enforces the Pod Security Standard <policy>, and the manifest of <pod> does not say that it meets it
fix    change the settings below; tsgosu --check shows what a process really has, and tsgosu 65532:65532 runs under these settings

allowprivilegeescalation != false
cause  a setuid program in <container> could gain privilege
fix    <container>: securityContext: {allowPrivilegeEscalation: false}

unrestricted capabilities
cause  <container> would have the engine's default capabilities, or more
fix    <container>: securityContext: {capabilities: {drop: ["ALL"]}}

runasnonroot != true
cause  the manifest does not say that <container> never runs as root
fix    <container>: securityContext: {runAsNonRoot: true, runAsUser: 65532}

runasuser=0
cause  the manifest says that <container> runs as root
fix    <container>: securityContext: {runAsUser: 65532}

seccompprofile (
cause  no seccomp profile restricts the system calls of <container>
fix    <container>: securityContext: {seccompProfile: {type: RuntimeDefault}}

privileged (
cause  <container> is privileged
fix    <container>: leave out securityContext.privileged

host namespaces
cause  the pod shares namespaces with the node
fix    leave out hostNetwork, hostPID and hostIPC

hostport
cause  <container> uses a port of the node
fix    use a Service instead of hostPort

volume type
hostpath volumes
cause  a volume has a type that the standard forbids, such as hostPath
fix    use emptyDir, configMap, secret, persistentVolumeClaim, projected, csi or ephemeral instead

non-default capabilities
cause  <container> adds capabilities that the standard does not allow
fix    <container>: leave out all of securityContext.capabilities.add but NET_BIND_SERVICE

any security context constraint
cause  OpenShift gives each namespace its own UIDs, and the pod asks for a user, group or capability that its service account may not use
fix    leave out runAsUser and fsGroup; build the image for any UID with GID 0 (chgrp -R 0 and chmod -R g=u on its directories); tsgosu --if-root app runs the command as that UID

may not be added
cause  an admission policy forbids this capability
fix    remove it from securityContext.capabilities.add, or have the policy changed`;

/** The command cannot run: execve(2) failed, or there was nothing to execute. */
const COMMANDS = `executable file*not found
exec: "*": stat *: no such file or directory
: not found in path
cause  the image has no <missing>
fix    install it or COPY it into the image, with execute permission; write a command and its arguments as separate words: ["node", "server.js"]

exec: "*": is a directory
cause  <file> is a directory, not a program
fix    name a program in that directory

exec: "*": permission denied
exec: /*: permission denied
exec: ./*: permission denied
exec /*: permission denied
exec ./*: permission denied
exec * failed: permission denied
exec container process*permission denied
open executable: permission denied
sh: *.sh: permission denied
cannot run: permission denied
cause  <file> may not be executed: the user lacks execute permission on it or on a directory above it, or its mount is noexec
fix    chmod +x <file> when the image is built, or COPY --chmod=755; if it is executable, check the directories above it (ls -ld) and /proc/mounts for noexec

exec /*: no such file or directory
exec ./*: no such file or directory
exec * failed: no such file or directory
exec user process caused*no such file or directory
exec container process*no such file or directory
cannot run: no such file or directory
cause  <file> is missing, or the program that runs it is: the interpreter in its first line (#!/bin/bash), or the dynamic loader of a binary (a glibc program on Alpine)
fix    check the path; install the interpreter; save a script with LF line endings, since a CR becomes part of the interpreter's name; build a binary for the image's libc

exec format error
cause  <file> is built for another architecture, or is a script without a first line such as #!/bin/sh
fix    build the image for the node's architecture (docker build --platform); or add that line to the script`;

/** A program is refused a file, a port or a mount. */
const FILES = `/dev/stdout*permission denied
/dev/stderr*permission denied
permission denied*/dev/stdout
permission denied*/dev/stderr
cause  standard output or standard error is a pipe or terminal owned by root: the user may write to it, but may not open it by name
fix    start as root and let tsgosu switch, which gives the standard streams to the user: tsgosu app; or let the program write to the open stream

mount:*permission denied
mount:*operation not permitted
mount failed: operation not permitted
must be superuser to use mount
must be superuser to unmount
cause  mounting needs the capability SYS_ADMIN, which an ordinary container does not have, not even as root
fix    let the engine mount it as a volume (docker run --mount, the pod's volumes); --cap-add SYS_ADMIN would make root here nearly root on the host

listen eacces: permission denied*:
listen eacces *:
listen tcp*bind: permission denied
listen udp*bind: permission denied
:80 failed (13: permission denied
:443 failed (13: permission denied
permission denied*could not bind to address
cause  a user may not bind a port below 1024
fix    tsgosu --caps net_bind_service app, in a container with NET_BIND_SERVICE, SETUID, SETGID and SETPCAP; or use another port

changing ownership of
cause  the owner of <file> may not be changed: the process is not root, or lacks the capability CHOWN, or a file server maps root to nobody
fix    Kubernetes: securityContext: {fsGroup: 1000} of the pod; or start as root with CHOWN and name the volume to tsgosu --chown

read-only file system
cause  readOnlyRootFilesystem or --read-only is set, and <file> is not on a writable volume
fix    mount a volume where the program writes: emptyDir, or docker run --tmpfs

data directory*has wrong ownership
cause  <file> does not belong to the user that the server runs as, as PostgreSQL requires
fix    start as root: tsgosu --chown <file> postgres gives it to the user, tsgosu --match <file> postgres gives the user the IDs of its owner`;

/** A program refuses to run as this user, or does not know it. */
const USERS = `initdb:*cannot be run as root
pg_ctl:*cannot be run as root
execution of the postgresql server is not permitted
cause  PostgreSQL refuses to run as root
fix    let tsgosu switch first: tsgosu postgres initdb, or ENTRYPOINT ["tsgosu", "postgres"]

uid not found
uv_os_get_passwd returned enoent
cannot find name for user id
no user exists for uid
could not look up effective user id
cause  <uid> has no line in /etc/passwd, and the program needs the name or home directory from there
fix    Dockerfile: RUN useradd --uid with that number; or let tsgosu --match give a mounted directory's IDs to a user of the image; for some programs, USER and HOME in the environment are enough

no new privileges
cause  allowPrivilegeEscalation: false (no-new-privileges) is set, under which sudo, su and all other setuid programs gain nothing
fix    avoid them: start as root and let tsgosu switch, or do that work when the image is built

effective uid is not 0
cause  sudo is not setuid root here: the mount is nosuid, or no_new_privs is set, or it is a user namespace
fix    avoid it: start as root and let tsgosu switch, or do that work when the image is built`;

/** A program may not become another user: tsgosu, gosu, an engine, or one that drops its privileges. */
const SWITCHING = `cannot become *only root may switch
cause  the container was not started as root, and only root may become <wanted>
fix    start it as root (no --user, no runAsUser); or run the command as the current user: tsgosu --if-root; if only groups differ, add them (--group-add, supplementalGroups)

cannot become *without the capability
cause  the container's root lacks SETUID or SETGID, which it needs to become <wanted>
fix    --cap-add SETUID --cap-add SETGID (Kubernetes: securityContext.capabilities.add); or start as that user, with tsgosu --if-root

cannot become *as many processes
cause  <wanted> has reached its limit on processes, which counts all processes of that UID on the host
fix    raise it: docker run --ulimit nproc=4096; or choose a UID that nothing else uses

cannot become *reported success
cause  a seccomp profile or a sandbox answers the call without carrying it out
fix    use a seccomp profile or a sandbox that allows setgroups, setresgid and setresuid, or start the container as the user

is not mapped in this user namespace
cause  the container's user namespace does not map this ID, so no process or file in it can have it
fix    choose an ID that is mapped, or give the container a larger map (--uidmap, --gidmap, /etc/subuid, /etc/subgid)

failed switching to
cause  gosu cannot become <user>: it is not root, or lacks the capabilities SETUID and SETGID
fix    tsgosu --if-root <user> runs the command as the user that the container was started as; or start it as root with --cap-add SETUID --cap-add SETGID

setgroups is denied
setgroups*operation not permitted
setgroups:
cause  supplementary groups may not be changed: the process is not root, or lacks the capability SETGID, or its user namespace denies it
fix    tsgosu --if-root app; or --cap-add SETGID; or map the groups with newgidmap, as rootless engines do

uids or gids available
cause  the user namespace maps fewer IDs than the files of the image have
fix    give the user 65536 IDs in /etc/subuid and /etc/subgid, then run podman system migrate`;

/** How a command ended, and what well-known programs and engines say: from issues of Docker, Podman, Kubernetes, PostgreSQL, nginx and Node.js. */
const EVERYDAY = `oomkilled
exit code: *137
exit code 137
exited (137)
exited with code 137
cause  SIGKILL ended it (137 = 128 + 9): its memory limit was reached, which the reason OOMKilled says, or it was still running when the time for its stop was over
fix    raise the memory limit; or let it end in time: a command that tsgosu runs gets the SIGTERM, tsgosu --rewrite TERM:QUIT sends another signal, and docker stop -t or terminationGracePeriodSeconds gives more time

exit code: *143
exit code 143
exited (143)
exited with code 143
cause  SIGTERM ended it (143 = 128 + 15), as every stop does where the program has no handler of its own
fix    nothing is wrong; tsgosu --ok-exit 143 reports it as 0

was not properly shut down
cause  PostgreSQL was killed while it was running, since its stop took too long or the signal did not reach it
fix    tsgosu --rewrite TERM:INT postgres as PID 1 asks for its fast shutdown; give it time (docker stop -t, terminationGracePeriodSeconds)

resource temporarily unavailable
can't start new thread
cause  no further process or thread may be made: the container's limit, or the user's on the whole host
fix    raise docker run --pids-limit or the pod's podPidsLimit, and --ulimit nproc; if zombies fill it (ps shows Z), let tsgosu be PID 1

docker*.sock*permission denied
permission denied*docker*
cause  the Docker socket belongs to a group of the host that the user is not in
fix    start as root, and tsgosu --group-of /var/run/docker.sock app lets the user join that group; whoever may use the socket can become root on the host

data directory*has invalid permissions
cause  others than its owner may use <file>, as fsGroup or a umask leaves it, and PostgreSQL refuses that
fix    chmod 0700 <file> (0750 is allowed too); in Kubernetes name a directory below the mount point as PGDATA

could not change permissions of directory
cause  only the owner of a directory may change its mode, and the volume belongs to somebody else
fix    start as root: tsgosu --chown gives the volume to the user; on a file server that forbids that, name a directory below the mount point as PGDATA

directive makes sense only if the master process runs
cause  nginx was not started as root, so the user line of its configuration has no effect
fix    nothing is wrong; remove the line user from nginx.conf, and let tsgosu choose the user: tsgosu nginx nginx

mkdir() *failed (13: permission denied
cause  nginx makes its temporary directories at its start, and the user may not write above <file>
fix    mount a writable volume there (emptyDir, docker run --tmpfs), or tsgosu --chown /var/cache/nginx nginx

denied*'/.npm
denied*'/.cache
denied*'/.config
denied*'/.local
denied*'/.yarn
cause  HOME is /, as it is for a UID that has no line in /etc/passwd, and the program wants to write in its home
fix    tsgosu --if-root app sets HOME to that user's home if the process may write there (chgrp -R 0, chmod -R g=u); or set HOME to a writable directory

dubious ownership in repository
cause  the repository belongs to another UID than the one that git runs as
fix    tsgosu --match with the directory gives the user the UID of its owner; or git config --global --add safe.directory

no usable sandbox
cause  Chromium makes its sandbox with a user namespace, which the host or the seccomp profile forbids
fix    a seccomp profile that allows clone and unshare with CLONE_NEWUSER; where the host forbids it, --no-sandbox is what is left, as a user and never as root

running as root without --no-sandbox
cause  Chromium has no sandbox as root
fix    let it run as a user: ENTRYPOINT ["tsgosu", "app"]

elasticsearch as root
how to run mysqld as root
cause  the server refuses to run as root
fix    let tsgosu switch first: ENTRYPOINT ["tsgosu", "USER"], with the user that the image has for it

unprotected private key file
bad owner or permissions on
cause  ssh refuses a key or a configuration that others may read, as a mounted secret has it with fsGroup
fix    Kubernetes: defaultMode: 0400 of the secret, without fsGroup; or copy it to a file of the user's with mode 0600

no job control in this shell
cannot set terminal process group
cause  the shell has no terminal of its own, so that Ctrl-C and Ctrl-Z do not reach its jobs
fix    docker run -it, and tsgosu as PID 1, which makes the command's process group the foreground one

not been booted with systemd
cause  the container's PID 1 is not systemd, and service and systemctl need it
fix    run the program itself, in the foreground: ENTRYPOINT ["tsgosu", "app"], one program in each container

mount a directory onto a file
cause  the file of a bind mount does not exist on the host, and the engine has made a directory in its place
fix    remove that directory on the host, make the file, and give its absolute path

newuidmap
newgidmap
cause  a user may map other IDs than its own only by newuidmap and newgidmap, which need their setuid bit and lines in /etc/subuid and /etc/subgid
fix    install the package uidmap, give the user 65536 IDs in both files, then run podman system migrate

unmapped user
unmapped group
cause  the container's user namespace does not map the user that it is to start as
fix    give a UID and GID that are mapped (below 65536 as a rule), or a larger map (--uidmap, --gidmap, /etc/subuid, /etc/subgid)

exec /*: operation not permitted
exec ./*: operation not permitted
caused: operation not permitted
cause  <file> has file capabilities that this container does not have, so that the kernel does not run it
fix    add them (getcap <file> shows which; --cap-add), or remove them in the image: setcap -r <file>`;

/** tsgosu's own messages, beside those of the kernel that it passes on. */
const OWN = `is skipped, because its
cause  a line of /etc/passwd or /etc/group is not valid; tsgosu guesses no ID, and goes on as if the line were not there
fix    correct the line that the message names, in the image: its IDs are numbers from 0 to 4294967294

user-spec is empty
cause  the variable that should hold the user is not set, and tsgosu does not run the command as root instead
fix    set the variable (docker run -e, env in the manifest), or write the user into the command line

id * is out of range
cause  there is no such ID: the kernel takes 4294967295 to mean that nothing is to change
fix    give a number from 0 to 4294967294

these are * groups, its own included
cause  the kernel takes 65536 groups for a process, and the user is in more
fix    take the user out of groups in /etc/group, or name one group: tsgosu app:staff

the command could stop tsgosu
cause  a seccomp profile or a sandbox refuses prctl(PR_SET_DUMPABLE), without which the command could trace the init above it
fix    allow prctl in the profile; or tsgosu --exec, which leaves no init above the command

standard output: cannot be written
cause  the answer could not be written: the disk is full, the stream is closed, or its reader has gone
fix    write it to another place, or let the reader read to the end

: not a regular file
cause  a directory, a device or a pipe is in the place of the file; an engine makes a directory where a mounted file is missing on the host
fix    mount or copy a file there

.pwd.lock: cannot be
cause  --match changes the account files only under this lock, as usermod does
fix    let root create and lock /etc/.pwd.lock; or leave out --match, and start as the owner of the volume with --if-root

can change what is in
cause  whoever can change that directory can put anything in the place of PATH, and would own it at the next start
fix    name the mount point of a volume, or a directory that is in directories of root alone

links left unchanged
link left unchanged
cause  these files have links outside of the tree, or somebody changes them: giving one away would give away a file elsewhere
fix    find PATH -links +1 lists them: copy those that the user should have

was moved while tsgosu was working
cause  another program moved a directory while tsgosu changed owners in it
fix    start again when that program is done

neither an absolute path nor 'no'
cause  TSGOSU_MATCH names another directory for --match, or turns it off
fix    set it to an absolute path, or to no

refusing to run with
cause  tsgosu's file is setuid or setgid or has capabilities, by which anybody who can start it could become any user
fix    in the image: chmod u-s,g-s and setcap -r on the file; the entrypoint is started as root anyway`;

/** Meanings that fit nearly every refusal: they help only if no other is found. */
export const GENERAL = `securitycontext.capabilities
cause  capabilities belong in the securityContext of a container, not of the pod, and admission may forbid adding any
fix    <container>: securityContext: {capabilities: {drop: ["ALL"]}}; ports below 1024 need no capability with the sysctl net.ipv4.ip_unprivileged_port_start=0

cannot become 
cause  the kernel does not let tsgosu become <wanted>
fix    tsgosu --check shows who it was started as, and with which capabilities; tsgosu --if-root runs the command as that user

operation not permitted
cause  the process is not root, or is root without the capability that this needs, or seccomp forbids the system call
fix    tsgosu --check shows which; add that one capability (--cap-add, securityContext.capabilities.add), or run as a user who needs none

permission denied
cause  the UID and the groups of the process do not have this access to <file>
fix    compare the IDs in tsgosu --check with the owner and mode of <file> and of all directories above it (ls -ldn); for a volume: fsGroup, tsgosu --match, or tsgosu --chown`;

/** All meanings but the general ones. The list is made on demand: a start that explains nothing must not pay for it. */
export function specificMeanings(): string[] {
  return [KUBELET, ADMISSION, COMMANDS, FILES, USERS, SWITCHING, EVERYDAY, OWN];
}
