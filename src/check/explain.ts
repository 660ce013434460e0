// What a message of kubelet, admission, an engine or the kernel means, and what to change: plain text search, with the
// names that the message itself holds.

import { itemOf, lowerCase } from "../text.ts";

/**
 * A row each: what the message holds (in lower case; `a&b`: one of these), the cause, the fix. All rows that are found
 * count, except that those below the line `-` do only where none above is found. `<name>` is a name from the message
 * (NAMES). One text, since an array of them is four times the size in the static executable.
 */
const MEANINGS = `has non-numeric user|runAsNonRoot is checked before the container starts, without its /etc/passwd, so nobody can know that <user> is not root|Dockerfile: USER <uid> (id <user> in the image tells the number); or container <container>: securityContext: {runAsUser: <uid>}
image will run as root|runAsNonRoot is set, but the image of container <container> names no USER, or root|Dockerfile: USER 65532; or container <container>: securityContext: {runAsUser: 65532}. With ENTRYPOINT ["tsgosu", "--if-root", "app"] the image serves both
breaks non-root policy|container <container> has runAsNonRoot: true and runAsUser: 0|container <container>: securityContext: {runAsUser: 65532}
podsecurity "|the namespace enforces the Pod Security Standard <policy>, and the manifest of pod <pod> does not say that it meets it|set what follows; tsgosu --check tells what a process really has, and tsgosu 65532:65532 needs nothing more
allowprivilegeescalation != false|a setuid program in <container> could gain privilege|container <container>: securityContext: {allowPrivilegeEscalation: false}
unrestricted capabilities|<container> would have the engine's default capabilities, or more|container <container>: securityContext: {capabilities: {drop: ["ALL"]}}
runasnonroot != true|nothing says that <container> is not root|container <container>: securityContext: {runAsNonRoot: true, runAsUser: 65532}
runasuser=0|<container> is to run as root|container <container>: securityContext: {runAsUser: 65532}
seccompprofile (|the system calls of <container> are not confined|container <container>: securityContext: {seccompProfile: {type: RuntimeDefault}}
privileged (|<container> is privileged|container <container>: no securityContext.privileged
host namespaces|the pod shares namespaces of the node|no hostNetwork, hostPID, hostIPC
hostport|<container> takes a port of the node|a Service instead of hostPort
volume type&hostpath volumes|a volume is of a kind like hostPath|emptyDir, configMap, secret, persistentVolumeClaim, projected, csi or ephemeral instead
non-default capabilities|<container> adds capabilities beyond the standard|container <container>: no securityContext.capabilities.add but NET_BIND_SERVICE
any security context constraint|OpenShift gives each namespace UIDs of its own, and the pod asks for a user, group or capability that its service account may not use|no runAsUser and no fsGroup; an image for any UID with GID 0 (chgrp -R 0 DIR && chmod -R g=u DIR); tsgosu --if-root app runs the command as that UID
may not be added|an admission policy forbids this capability|leave it out of securityContext.capabilities.add, or have the policy changed
unable to find user|the image's /etc/passwd has no user <user>|Dockerfile: RUN useradd <user>; or a number, which needs no line: USER 1000
failed switching to|gosu was to become <user>, but is not root, or without the capabilities SETUID and SETGID|tsgosu --if-root <user> runs the command as whom the container is; or start it as root with --cap-add SETUID --cap-add SETGID
setgroups|supplementary groups may not be changed: not root, no SETGID, or denied in this user namespace|tsgosu --if-root app; or --cap-add SETGID; or map groups with newgidmap
no new privileges|allowPrivilegeEscalation: false (no-new-privileges) is set: sudo, su and setuid programs stay the user|do without: start as root and let tsgosu switch, or do that work when the image is built
effective uid is not 0|sudo is not setuid here: nosuid mount, no_new_privs, or user namespace|do without: start as root and let tsgosu switch
uids or gids available|the user namespace maps fewer IDs than the image's files have|65536 IDs for the user in /etc/subuid and /etc/subgid, then podman system migrate
read-only file system|readOnlyRootFilesystem or --read-only is set, and <path> is on no volume|a volume where it writes: emptyDir, or --tmpfs DIR
changing ownership|<path> may not be given away: not root, no CHOWN, or a server that maps root to nobody|Kubernetes: securityContext: {fsGroup: 1000} of the pod; as root with CHOWN: tsgosu --chown DIR app
listen eacces&bind: permission denied&:80 failed (13: permission denied&:443 failed (13: permission denied|a user may not bind a port below 1024|tsgosu --caps net_bind_service app, in a container with NET_BIND_SERVICE, SETUID, SETGID and SETPCAP; or another port
executable file not found|the image has no such program in its PATH|install or COPY it, with the execute permission; is the word the program, and no option of another?
exec format error|the program is for another architecture, or a script whose first line is not like #!/bin/sh|build the image for the node (docker build --platform); or give the script that line
-
securitycontext.capabilities|capabilities stand in a container's securityContext, not in the pod's, and admission may forbid adding any|container <container>: securityContext: {capabilities: {drop: ["ALL"]}}; ports below 1024 need none with sysctl net.ipv4.ip_unprivileged_port_start=0
operation not permitted|not root, or root without the capability that this needs, or a system call that seccomp forbids|tsgosu --check tells which; add that one capability (--cap-add, securityContext.capabilities.add), or a user who needs none
permission denied|UID and groups of the process may not do that to <path>|compare tsgosu --check with ls -ldn of the file and of all directories above; volumes: fsGroup, tsgosu --match DIR, tsgosu --chown DIR`;

/** A row each: a name, what stands before it in a message, and what after it. */
const NAMES = `user|non-numeric user (|)
user|unable to find user |:
user|switching to "|"
container|containers "|" must
container|container "|"
container|container: |)
pod|pods "|"
pod|pod: "|"
policy|PodSecurity "|"
path|ownership of '|'
path|, open '|'
path|mkdir '|'
path|directory '|'`;

/**
 * What the message means: causes and fixes, one after the other; none where that is not known. `uidOf` tells the UID of a
 * user's name as text, some example where it is not known.
 */
export function explain(message: string, uidOf: (user: string) => string): string[] {
  // Messages are copied out of JSON, with its backslashes.
  const plain = message.split("\\").join("");
  const searched = lowerCase(plain);
  const rows = MEANINGS.split("\n");
  const explanations: string[] = [];
  for (let i = 0; i < rows.length; i++) {
    const row = itemOf(rows, i).split("|");
    const needle = itemOf(row, 0);
    if (needle === "-" && explanations.length > 0) break;
    const at = needle === "-" ? -1 : placeOf(needle, searched);
    if (at < 0) continue;
    explanations.push(named(itemOf(row, 1), plain, at, uidOf));
    explanations.push(named(itemOf(row, 2), plain, at, uidOf));
  }
  return explanations;
}

/** Where one of the needles stands in the message; -1: nowhere. */
function placeOf(needles: string, message: string): number {
  for (const needle of needles.split("&")) {
    const at = message.indexOf(needle);
    if (at >= 0) return at;
  }
  return -1;
}

/** `text` with its `<name>`s filled in: found in the message from `at` on, else anywhere. */
function named(text: string, message: string, at: number, uidOf: (user: string) => string): string {
  const pieces = text.split("<");
  let out = itemOf(pieces, 0);
  for (let i = 1; i < pieces.length; i++) {
    const piece = itemOf(pieces, i).split(">");
    const name = itemOf(piece, 0);
    const value = name === "uid" ? uidOf(nameIn(message, 0, "user")) : nameIn(message, at, name);
    out = `${out}${value}${itemOf(piece, 1)}`;
  }
  return out;
}

/** The name that stands first from `from` on; failing that, anywhere; failing that, `<name>` itself. */
function nameIn(message: string, from: number, name: string): string {
  const rows = NAMES.split("\n");
  let value = "";
  let first = message.length;
  for (let i = 0; i < rows.length; i++) {
    const row = itemOf(rows, i).split("|");
    const before = itemOf(row, 1);
    const found = itemOf(row, 0) === name ? message.indexOf(before, from) : -1;
    if (found < 0 || found >= first) continue;
    const start = found + before.length;
    const end = message.indexOf(itemOf(row, 2), start);
    if (end <= start) continue;
    first = found;
    // Of several containers: `a", "b`.
    value = message.slice(start, end).split('"').join("");
  }
  if (value !== "") return value;
  return from > 0 ? nameIn(message, 0, name) : `<${name}>`;
}
