// What a message of kubelet, admission, an engine, the kernel or a program means, and what to change. A message is
// recognised by texts that it holds, and explained with the names that it holds.

import {
  between,
  containersAt,
  type Message,
  numberAfter,
  type Place,
  pathAt,
  placeOf,
  readMessage,
} from "./message.ts";

/** Why something was refused, and what to change: each is one line for people. */
export interface Explanation {
  readonly cause: string;
  readonly fix: string;
}

/** Tells the UID of the user with a name; undefined where there is no such user. */
export type UidOf = (user: string) => number | undefined;

/** A kind of refusal that is known. */
interface Meaning {
  /** Each of these recognises it: texts in lower case that stand on one line, one after the other. */
  readonly says: readonly (readonly string[])[];
  /** The explanation, with the names that stand around the place where the texts were found. */
  readonly means: (at: Place) => Explanation;
}

/**
 * What `message` means: an explanation for each kind of refusal that it speaks of, none where it is not known. An
 * explanation holds control characters where the message does.
 */
export function explain(message: string, uidOf: UidOf): Explanation[] {
  const read = readMessage(message);
  const specific = explanationsOf(specificMeanings(uidOf), read);
  // What fits nearly every refusal helps only where nothing closer is known.
  return specific.length > 0 ? specific : explanationsOf(generalMeanings(), read);
}

function explanationsOf(meanings: readonly Meaning[], message: Message): Explanation[] {
  const explanations: Explanation[] = [];
  for (const meaning of meanings) {
    const at = firstPlace(meaning.says, message);
    if (at !== undefined) explanations.push(meaning.means(at));
  }
  return explanations;
}

function firstPlace(says: readonly (readonly string[])[], message: Message): Place | undefined {
  for (const texts of says) {
    const at = placeOf(texts, message);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** The lists are made by functions, not at module start: a start that explains nothing must not pay for them. */
function specificMeanings(uidOf: UidOf): Meaning[] {
  return [
    ...kubeletMeanings(uidOf),
    ...admissionMeanings(),
    ...commandMeanings(),
    ...fileMeanings(),
    ...rootMeanings(),
    ...switchMeanings(),
  ];
}

/** kubelet refuses to start a container, because of who would run in it. */
function kubeletMeanings(uidOf: UidOf): Meaning[] {
  return [
    {
      says: [["has non-numeric user"]],
      means: (at) => {
        const user = between(at.line, "non-numeric user (", ")");
        const uid = (user === "" ? undefined : uidOf(user)) ?? 1000;
        const tells = user === "" ? "id -u with the name" : `id -u ${user}`;
        return {
          cause: `runAsNonRoot is checked before the container starts, without the image's /etc/passwd, so nobody can know that ${user === "" ? "the user" : user} is not root`,
          fix: `Dockerfile: USER ${uid} instead of the name (in the image, ${tells} prints the number); or ${containersAt(at)}: securityContext: {runAsUser: ${uid}}`,
        };
      },
    },
    {
      says: [["image will run as root"]],
      means: (at) => ({
        cause: `runAsNonRoot is set, but the image of ${containersAt(at)} names root, or no USER at all`,
        fix: `Dockerfile: USER 65532; or ${containersAt(at)}: securityContext: {runAsUser: 65532}. With ENTRYPOINT ["tsgosu", "--if-root", "app"] the image works both as root and as a user`,
      }),
    },
    {
      says: [["breaks non-root policy"]],
      means: (at) => ({
        cause: `${containersAt(at)} has runAsNonRoot: true and runAsUser: 0, which contradict each other`,
        fix: `${containersAt(at)}: securityContext: {runAsUser: 65532}`,
      }),
    },
    {
      says: [["unable to find user"]],
      means: (at) => ({
        cause: `the image's /etc/passwd has no user ${unknownUser(at, "of that name")}`,
        fix: `Dockerfile: RUN useradd ${unknownUser(at, "with that name")}; or give a number, which needs no line in /etc/passwd: USER 1000`,
      }),
    },
  ];
}

function unknownUser(at: Place, otherwise: string): string {
  return named(between(`${at.line}:`, "unable to find user ", ":"), otherwise);
}

/** Admission refuses a pod: the Pod Security Standards, rule by rule, OpenShift's constraints, and other policies. */
function admissionMeanings(): Meaning[] {
  return [
    {
      says: [['podsecurity "']],
      means: (at) => {
        const pod = between(at.line, 'pods "', '"');
        const policy = between(at.line, 'PodSecurity "', '"');
        return {
          cause: `the namespace enforces the Pod Security Standard${policy === "" ? "" : ` ${policy}`}, and the manifest of ${pod === "" ? "the pod" : `pod ${pod}`} does not say that it meets it`,
          fix: "set what follows here; tsgosu --check shows what a process really has, and tsgosu 65532:65532 needs no more than that",
        };
      },
    },
    {
      says: [["allowprivilegeescalation != false"]],
      means: (at) => ({
        cause: `a setuid program in ${containersAt(at)} could gain privilege`,
        fix: `${containersAt(at)}: securityContext: {allowPrivilegeEscalation: false}`,
      }),
    },
    {
      says: [["unrestricted capabilities"]],
      means: (at) => ({
        cause: `${containersAt(at)} would have the engine's default capabilities, or more`,
        fix: `${containersAt(at)}: securityContext: {capabilities: {drop: ["ALL"]}}`,
      }),
    },
    {
      says: [["runasnonroot != true"]],
      means: (at) => ({
        cause: `the manifest does not say that ${containersAt(at)} never runs as root`,
        fix: `${containersAt(at)}: securityContext: {runAsNonRoot: true, runAsUser: 65532}`,
      }),
    },
    {
      says: [["runasuser=0"]],
      means: (at) => ({
        cause: `the manifest says that ${containersAt(at)} runs as root`,
        fix: `${containersAt(at)}: securityContext: {runAsUser: 65532}`,
      }),
    },
    {
      says: [["seccompprofile ("]],
      means: (at) => ({
        cause: `no seccomp profile restricts the system calls of ${containersAt(at)}`,
        fix: `${containersAt(at)}: securityContext: {seccompProfile: {type: RuntimeDefault}}`,
      }),
    },
    {
      says: [["privileged ("]],
      means: (at) => ({
        cause: `${containersAt(at)} is privileged`,
        fix: `${containersAt(at)}: leave out securityContext.privileged`,
      }),
    },
    {
      says: [["host namespaces"]],
      means: () => ({
        cause: "the pod shares namespaces of the node",
        fix: "leave out hostNetwork, hostPID and hostIPC",
      }),
    },
    {
      says: [["hostport"]],
      means: (at) => ({
        cause: `${containersAt(at)} takes a port of the node`,
        fix: "use a Service instead of hostPort",
      }),
    },
    {
      says: [["volume type"], ["hostpath volumes"]],
      means: () => ({
        cause: "a volume is of a kind that the standard forbids, such as hostPath",
        fix: "use emptyDir, configMap, secret, persistentVolumeClaim, projected, csi or ephemeral instead",
      }),
    },
    {
      says: [["non-default capabilities"]],
      means: (at) => ({
        cause: `${containersAt(at)} adds capabilities that the standard does not allow`,
        fix: `${containersAt(at)}: leave out all of securityContext.capabilities.add but NET_BIND_SERVICE`,
      }),
    },
    {
      says: [["any security context constraint"]],
      means: () => ({
        cause:
          "OpenShift gives each namespace UIDs of its own, and the pod asks for a user, group or capability that its service account may not use",
        fix: "leave out runAsUser and fsGroup; build an image for any UID with GID 0 (chgrp -R 0 and chmod -R g=u on its directories); tsgosu --if-root app runs the command as that UID",
      }),
    },
    {
      says: [["may not be added"]],
      means: () => ({
        cause: "an admission policy forbids this capability",
        fix: "leave it out of securityContext.capabilities.add, or have the policy changed",
      }),
    },
  ];
}

/** The command cannot be run: execve(2) failed, or nothing was found to execute. */
function commandMeanings(): Meaning[] {
  return [
    {
      says: [
        ["executable file", "not found"],
        ['exec: "', '": stat ', ": no such file or directory"],
        [": not found in path"],
      ],
      means: (at) => {
        const program = missingProgram(at);
        return {
          cause: program.includes("/")
            ? `the image has no file ${program}`
            : `the image has no program ${program === "" ? "of that name" : program} in its PATH`,
          fix: program.includes(" ")
            ? 'write the program and its arguments as words of their own: ["node", "server.js"]'
            : "install it or COPY it into the image, with execute permission; if this word is an argument, the program's name is missing before it",
        };
      },
    },
    {
      says: [['exec: "', '": is a directory']],
      means: (at) => ({
        cause: `${fileAt(at)} is a directory, not a program`,
        fix: "name a program in that directory",
      }),
    },
    {
      says: [
        ['exec: "', '": permission denied'],
        ["exec: /", ": permission denied"],
        ["exec: ./", ": permission denied"],
        ["exec /", ": permission denied"],
        ["exec ./", ": permission denied"],
        ["exec ", " failed: permission denied"],
        ["sh: ", ".sh: permission denied"],
        ["cannot run: permission denied"],
      ],
      means: (at) => ({
        cause: `${fileAt(at)} may not be executed: the user lacks execute permission on it or on a directory above it, or its mount is noexec`,
        fix: `chmod +x ${named(pathAt(at), "the file")} before the image is built, or COPY --chmod=755; if it has that permission, compare with ls -ld of the directories above, and look for noexec in /proc/mounts`,
      }),
    },
    {
      says: [
        ["exec /", ": no such file or directory"],
        ["exec ./", ": no such file or directory"],
        ["exec ", " failed: no such file or directory"],
        ["exec user process caused", "no such file or directory"],
        ["cannot run: no such file or directory"],
      ],
      means: (at) => ({
        cause: `${fileAt(at)} is missing, or the program that runs it is: the interpreter in its first line (#!/bin/bash), or the dynamic loader of a binary (a glibc program on Alpine)`,
        fix: "check that the path is right; install that interpreter; save a script with LF line ends, since a CR counts as part of the interpreter's name; build a binary for the libc of the image",
      }),
    },
    {
      says: [["exec format error"]],
      means: (at) => ({
        cause: `${fileAt(at)} is built for another architecture, or is a script whose first line is not like #!/bin/sh`,
        fix: "build the image for the architecture of the node (docker build --platform); or give the script that line",
      }),
    },
  ];
}

/** The program that an engine, or tsgosu, did not find; empty where the message does not name it. */
function missingProgram(at: Place): string {
  for (const program of [
    between(at.line, 'exec: "', '"'),
    between(at.line, "executable file `", "`"),
    between(at.line, "tsgosu: ", ": not found in PATH"),
  ]) {
    if (program !== "") return program;
  }
  return "";
}

/** A program is refused a file, a port or a mount. */
function fileMeanings(): Meaning[] {
  return [
    {
      says: [
        ["/dev/stdout", "permission denied"],
        ["/dev/stderr", "permission denied"],
        ["permission denied", "/dev/stdout"],
        ["permission denied", "/dev/stderr"],
        ["permission denied", "log file /proc/self/fd/"],
      ],
      means: () => ({
        cause:
          "the stream behind /dev/stdout or /dev/stderr is a pipe or a terminal that root owns: the user may write to the stream, but may not open it by its name",
        fix: "start as root and let tsgosu switch: tsgosu app gives the standard streams to the user; or have the program write to the stream itself",
      }),
    },
    {
      says: [
        ["mount:", "permission denied"],
        ["mount:", "operation not permitted"],
        ["mount failed: operation not permitted"],
        ["must be superuser to use mount"],
        ["must be superuser to unmount"],
      ],
      means: () => ({
        cause: "to mount needs the capability SYS_ADMIN, which engines give to no ordinary container, not even to root",
        fix: "let the engine mount it: a volume of the pod, or docker run --mount; --cap-add SYS_ADMIN gives nearly all of the host's root with it, and AppArmor may still refuse",
      }),
    },
    {
      says: [
        ["listen eacces: permission denied", ":"],
        ["listen eacces ", ":"],
        ["listen tcp", "bind: permission denied"],
        ["listen udp", "bind: permission denied"],
        [":80 failed (13: permission denied"],
        [":443 failed (13: permission denied"],
        ["permission denied", "could not bind to address"],
      ],
      means: () => ({
        cause: "a user may not bind a port below 1024",
        fix: "tsgosu --caps net_bind_service app, in a container with NET_BIND_SERVICE, SETUID, SETGID and SETPCAP; or use another port",
      }),
    },
    {
      says: [["changing ownership of"]],
      means: (at) => ({
        cause: `${fileAt(at)} may not be given away: the process is not root, or lacks the capability CHOWN, or a file server maps root to nobody`,
        fix: "Kubernetes: securityContext: {fsGroup: 1000} of the pod; or start as root with CHOWN and name the volume to tsgosu --chown",
      }),
    },
    {
      says: [["read-only file system"]],
      means: (at) => ({
        cause: `readOnlyRootFilesystem or --read-only is set, and ${fileAt(at)} is not on a writable volume`,
        fix: "mount a volume where the program writes: emptyDir, or docker run --tmpfs",
      }),
    },
    {
      says: [["data directory", "has wrong ownership"]],
      means: (at) => {
        const path = pathAt(at);
        const named = path === "" ? "with its path" : path;
        return {
          cause: `${path === "" ? "the data directory" : path} belongs to another UID than the server's, which PostgreSQL refuses`,
          fix: `start as root: tsgosu --chown ${named} postgres gives the directory to the user; tsgosu --match ${named} postgres gives the user the IDs of its owner`,
        };
      },
    },
  ];
}

/** A program does not know its user, or refuses to run as this one. */
function rootMeanings(): Meaning[] {
  return [
    {
      says: [
        ["initdb:", "cannot be run as root"],
        ["pg_ctl:", "cannot be run as root"],
        ["execution of the postgresql server is not permitted"],
      ],
      means: () => ({
        cause: "PostgreSQL refuses to run as root",
        fix: 'let tsgosu switch first: tsgosu postgres initdb, or ENTRYPOINT ["tsgosu", "postgres"]',
      }),
    },
    {
      says: [
        ["uid not found"],
        ["uv_os_get_passwd returned enoent"],
        ["cannot find name for user id"],
        ["no user exists for uid"],
        ["could not look up effective user id"],
      ],
      means: (at) => {
        const uid = numberAfter(at);
        return {
          cause: `${uid === "" ? "the UID of the process" : `UID ${uid}`} has no line in /etc/passwd, and the program asks there for its name or home`,
          fix: `Dockerfile: RUN useradd ${uid === "" ? "with that UID" : `-u ${uid} app`}; if a mounted directory has that owner, let tsgosu --match give its IDs to a user of the image; for many programs, HOME and USER in the environment are enough`,
        };
      },
    },
    {
      says: [["no new privileges"]],
      means: () => ({
        cause:
          "allowPrivilegeEscalation: false (no-new-privileges) is set, under which sudo, su and all other setuid programs gain nothing",
        fix: "do without them: start as root and let tsgosu switch, or do that work when the image is built",
      }),
    },
    {
      says: [["effective uid is not 0"]],
      means: () => ({
        cause:
          "sudo is not setuid root here: because of a nosuid mount, no_new_privs, or the container's user namespace",
        fix: "do without it: start as root and let tsgosu switch, or do that work when the image is built",
      }),
    },
  ];
}

/** Somebody may not become another user: tsgosu, gosu, an engine, or a program that drops its privileges. */
function switchMeanings(): Meaning[] {
  return [
    {
      says: [["cannot become ", "only root may switch"]],
      means: (at) => ({
        cause: `tsgosu was started as ${named(between(at.line, "tsgosu runs as ", ", and only root"), "a user")}, and only root may become ${wantedIds(at)}`,
        fix: "start the container as root (no --user, no runAsUser); or tsgosu --if-root, which runs the command as the user that the container runs as; where only groups differ, give the container the missing ones (--group-add, supplementalGroups)",
      }),
    },
    {
      says: [["cannot become ", "without the capability"]],
      means: (at) => ({
        cause: `tsgosu is root, but the container lacks a capability that it takes to become ${wantedIds(at)}`,
        fix: "--cap-add SETUID --cap-add SETGID (Kubernetes: securityContext.capabilities.add); or start the container as that user, with tsgosu --if-root",
      }),
    },
    {
      says: [["is not mapped in this user namespace"]],
      means: () => ({
        cause: "the container's user namespace does not have this ID: the kernel can neither give it nor show it",
        fix: "choose an ID that is mapped, or give the container a larger map (--uidmap, --gidmap, /etc/subuid, /etc/subgid)",
      }),
    },
    {
      says: [["cannot become ", "the kernel agreed"]],
      means: () => ({
        cause: "a seccomp profile or a sandbox answers the calls that switch users without carrying them out",
        fix: "have that profile changed; or start the container as that user, with tsgosu --if-root",
      }),
    },
    {
      says: [["cannot become ", "as many processes"]],
      means: (at) => ({
        cause: `there are as many processes of ${wantedIds(at)} as its limit allows`,
        fix: "raise the limit: docker run --ulimit nproc",
      }),
    },
    {
      says: [["failed switching to"]],
      means: (at) => ({
        cause: `gosu cannot become ${gosuUser(at, "the user")}: it is not root, or lacks the capabilities SETUID and SETGID`,
        fix: `tsgosu --if-root ${gosuUser(at, "app")} runs the command as the user that the container runs as; or start it as root with --cap-add SETUID --cap-add SETGID`,
      }),
    },
    {
      says: [["setgroups is denied"], ["setgroups", "operation not permitted"], ["setgroups:"], ["setgroups()"]],
      means: () => ({
        cause:
          "supplementary groups may not be changed: the process is not root, lacks the capability SETGID, or is in a user namespace that denies it",
        fix: "tsgosu --if-root app; or --cap-add SETGID; or map the groups with newgidmap, as rootless engines do",
      }),
    },
    {
      says: [["uids or gids available"]],
      means: () => ({
        cause: "the user namespace maps fewer IDs than the files of the image have",
        fix: "give the user 65536 IDs in /etc/subuid and /etc/subgid, then run podman system migrate",
      }),
    },
  ];
}

function wantedIds(at: Place): string {
  return named(between(at.line, "cannot become ", ": "), "another user");
}

function gosuUser(at: Place, otherwise: string): string {
  return named(between(at.line, 'switching to "', '"'), otherwise);
}

/** What may be behind nearly every refusal. */
function generalMeanings(): Meaning[] {
  return [
    {
      says: [["securitycontext.capabilities"]],
      means: (at) => ({
        cause:
          "capabilities stand in the securityContext of a container, not in that of the pod, and admission may forbid to add any",
        fix: `${containersAt(at)}: securityContext: {capabilities: {drop: ["ALL"]}}; ports below 1024 need no capability with the sysctl net.ipv4.ip_unprivileged_port_start=0`,
      }),
    },
    {
      says: [["cannot become "]],
      means: (at) => ({
        cause: `the kernel does not let tsgosu become ${wantedIds(at)}`,
        fix: "tsgosu --check shows who it was started as, and with which capabilities; tsgosu --if-root runs the command as that user",
      }),
    },
    {
      says: [["operation not permitted"]],
      means: () => ({
        cause:
          "the process is not root, or is root without the capability that this needs, or seccomp forbids the system call",
        fix: "tsgosu --check shows which; add that one capability (--cap-add, securityContext.capabilities.add), or run as a user who needs none",
      }),
    },
    {
      says: [["permission denied"]],
      means: (at) => {
        const path = pathAt(at);
        return {
          cause: `the UID and the groups of the process do not have this access to ${path === "" ? "the file" : path}`,
          fix: `compare the IDs in tsgosu --check with ls -ldn ${path === "" ? "of the file" : path} and of all directories above it; for a volume: fsGroup, tsgosu --match, or tsgosu --chown`,
        };
      },
    },
  ];
}

function fileAt(at: Place): string {
  return named(pathAt(at), "the file");
}

function named(name: string, otherwise: string): string {
  return name === "" ? otherwise : name;
}
