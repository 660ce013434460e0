// Whether a posture meets the Pod Security Standard "restricted" (kubernetes.io, pod-security-standards), control by
// control, and which setting fixes a control that fails.

import type { Ids } from "../kernel/layout.ts";
import {
  CAP_NET_BIND_SERVICE,
  type CapabilitySet,
  describeCapabilities,
  setOf,
  without,
} from "../privilege/capabilities.ts";
import type { Posture, SeccompMode } from "./posture.ts";

/** The setting that makes a control hold, for each of the three places where it can be made. */
export interface Settings {
  /** In the manifest of a pod or container. */
  readonly kubernetes: string;
  /** For `docker run`, and `podman run`. */
  readonly docker: string;
  /** An option of tsgosu, or what it should be given. */
  readonly tsgosu: string;
}

/** A rule of the standard, as far as a process shows whether it is met. */
export interface Control {
  /** Its name in the JSON: names never change. */
  readonly name: string;
  readonly holds: boolean;
  /** What the command would have, for people. */
  readonly found: string;
  /** What fixes it; only of interest if it fails. */
  readonly fix: Settings;
}

/** All controls, in the order they are printed. The standard is met if every one of them holds. */
export function judge(posture: Posture): Control[] {
  const privileges = posture.privileges;
  return [
    nonRootUid(posture.uids),
    noNewPrivs(privileges.noNewPrivs),
    capabilities("effective", privileges.effective),
    capabilities("permitted", privileges.permitted),
    capabilities("inheritable", privileges.inheritable),
    capabilities("bounding", privileges.bounding),
    capabilities("ambient", privileges.ambient),
    seccomp(posture.seccomp),
  ];
}

/** A process with UID 0 among its three UIDs can make it the effective one (setresuid(2)). */
function nonRootUid(uids: Ids): Control {
  return {
    name: "non_root_uid",
    holds: uids.real !== 0 && uids.effective !== 0 && uids.saved !== 0,
    found: `real ${uids.real}, effective ${uids.effective}, saved ${uids.saved}`,
    fix: {
      kubernetes: "securityContext: {runAsNonRoot: true, runAsUser: 65532}",
      docker: "--user 65532:65532",
      tsgosu: "tsgosu 65532:65532, or another user that is not root",
    },
  };
}

function noNewPrivs(isSet: boolean): Control {
  return {
    name: "no_new_privs",
    holds: isSet,
    found: isSet ? "set" : "not set",
    fix: {
      kubernetes: "securityContext: {allowPrivilegeEscalation: false}",
      docker: "--security-opt no-new-privileges",
      tsgosu: "--no-new-privs",
    },
  };
}

/** The standard requires all capabilities to be dropped, and allows a container to add one back. */
function capabilities(which: string, set: CapabilitySet): Control {
  return {
    name: `${which}_capabilities`,
    holds: without(set, setOf(CAP_NET_BIND_SERVICE)) === 0,
    found: describeCapabilities(set),
    fix: {
      kubernetes: 'securityContext: {capabilities: {drop: ["ALL"]}}',
      docker: "--cap-drop ALL",
      // To drop anything from its bounding set, a process needs a capability.
      tsgosu: which === "bounding" ? "--caps none, in a container with SETPCAP" : "--caps none",
    },
  };
}

function seccomp(mode: SeccompMode): Control {
  return {
    name: "seccomp",
    holds: mode === "filter" || mode === "strict",
    found: mode,
    fix: {
      kubernetes: "securityContext: {seccompProfile: {type: RuntimeDefault}}",
      docker: "leave out --privileged and --security-opt seccomp=unconfined",
      tsgosu: "only the engine can",
    },
  };
}
