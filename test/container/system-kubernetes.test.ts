// The manifests, run by podman: the pods as they stand there, and the restricted steps of the Tekton Task as a pod.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { stringify } from "yaml";
import { ensureKubeContainers } from "../../scripts/containers.ts";
import { engineWords } from "../../scripts/engine.ts";
import { attempt, type Outcome } from "../../scripts/host.ts";
import { follow, instructionsIn } from "../../scripts/systems.ts";
import { onBoth, onStatic } from "../support/executables.ts";
import { manifests } from "../support/manifests.ts";
import { assertFollowed, followReadme, workplace } from "../support/systems.ts";
import type { Task } from "../support/tekton.ts";

/** A Task's steps as Tekton runs them, containers of one pod, with its parameters' defaults. */
function podOf(task: Task): string {
  const params = task.spec.params ?? [];
  let text = JSON.stringify(task.spec.steps.map((step) => ({ ...task.spec.stepTemplate, ...step })));
  for (const { name, default: value } of params) text = text.replaceAll(`$(params.${name})`, String(value));
  const containers = (JSON.parse(text) as object[]).map((one) => ({ imagePullPolicy: "IfNotPresent", ...one }));
  return stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "tsgosu-task" },
    spec: { restartPolicy: "Never", containers },
  });
}

onStatic(t, "pods under the restricted standard, and in a user namespace", async (t, executable) => {
  const place = workplace(t, "kubernetes", executable);
  followReadme(t, "kubernetes", place);

  const task = manifests().flatMap(({ file, object }) =>
    file === "tekton-test.yaml" && object.kind === "Task" ? [object] : [],
  )[0];
  writeFileSync(join(place.directory, "task-pod.yaml"), podOf(task as unknown as Task));
  const script = `
podman kube play task-pod.yaml
# …
podman wait tsgosu-task-posture tsgosu-task-test
# 0
# 0
podman logs tsgosu-task-posture
# …
# Pod Security Standard "restricted": met
podman logs tsgosu-task-test
# …
# …pass 1
# …
podman kube down task-pod.yaml
# …
`;
  assertFollowed(t, follow(place, instructionsIn(`\`\`\`sh${script}\`\`\`\n`)));
});

/** A pod as a cluster's restricted profile wants it. */
function restrictedPod(executable: string, name: string, image: string): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
spec:
  restartPolicy: Never
  securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    image: ${image}
    imagePullPolicy: Never
    command: [/x/tsgosu, --check, --json, "65532:65532"]
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
    volumeMounts: [{name: tsgosu, mountPath: /x/tsgosu, readOnly: true}]
  volumes: [{name: tsgosu, hostPath: {path: "${executable}", type: File}}]
`;
}

onBoth(t, "a pod whose securityContext is the restricted one", async (t, executable) => {
  const { engine, baseImage } = ensureKubeContainers();
  const podman = (...words: string[]): Outcome => attempt(engineWords(engine, words), engine);
  const directory = mkdtempSync(join(tmpdir(), "tsgosu-pod-"));
  const name = `tsgosu-pod-${process.pid}-${executable.name}`;
  const manifest = join(directory, "pod.yaml");
  writeFileSync(manifest, restrictedPod(executable.path, name, baseImage));
  t.teardown(() => {
    podman("kube", "down", manifest);
    rmSync(directory, { recursive: true });
  });
  const played = podman("kube", "play", "--network=none", manifest);
  t.equal(played.code, 0, played.stderr);
  const ended = podman("wait", `${name}-app`);
  const logs = podman("logs", `${name}-app`);
  t.equal(ended.stdout.trim(), "0", logs.stdout + logs.stderr);
  const json = JSON.parse(logs.stdout) as { restricted: boolean; facts: Record<string, unknown> };
  t.equal(json.restricted, true);
  t.match(json.facts, { uid: "65532", gid: "65532", read_only_root: true, pid_1: true });
});
