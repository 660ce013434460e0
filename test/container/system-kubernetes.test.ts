// The manifests, run by podman: the pods as they stand there, and the restricted steps of the Tekton Task as a pod.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { stringify } from "yaml";
import { hasProgram } from "../../scripts/host.ts";
import { follow, instructionsIn } from "../../scripts/systems.ts";
import { engine } from "../support/containers.ts";
import { onStatic } from "../support/executables.ts";
import { manifests } from "../support/manifests.ts";
import { followReadme, workplace } from "../support/systems.ts";
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
  if (engine.name !== "podman" || !hasProgram("podman")) {
    t.comment("the manifests are run by podman, and the engine is another");
    return;
  }
  const place = workplace(t, "kubernetes", executable);
  followReadme(t, "kubernetes", place);

  const task = manifests().flatMap(({ file, object }) =>
    file === "tekton-test.yaml" && object.kind === "Task" ? [object] : [],
  )[0];
  writeFileSync(join(place.directory, "task-pod.yaml"), podOf(task as unknown as Task));
  const script = `
podman kube play task-pod.yaml
podman wait tsgosu-task-posture tsgosu-task-test
# 0
# 0
podman logs tsgosu-task-posture
# Pod Security Standard "restricted": met
podman logs tsgosu-task-test
# …pass 1
podman kube down task-pod.yaml
`;
  for (const { command, code, output, missing } of follow(place, instructionsIn(`\`\`\`sh${script}\`\`\`\n`)))
    t.same(
      { code, missing },
      { code: 0, missing: [] },
      code === 0 && missing.length === 0 ? command : `${command}\n${output}`,
    );
});
