// The manifests of docker/kubernetes against the schemas of the APIs they are for.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ClusterPolicy } from "@kubernetes-models/kyverno/kyverno.io/v1";
import { Deployment } from "kubernetes-models/apps/v1";
import { Namespace, Pod } from "kubernetes-models/v1";
import t from "tap";
import { attempt, BUILD, PROJECT } from "../../scripts/host.ts";
import { type Manifest, manifests } from "../support/manifests.ts";
import type { Step, Task } from "../support/tekton.ts";

interface Schema {
  /** Where its TypeScript type is, which knows every field. */
  readonly module: string;
  readonly type: string;
  /** Throws where a value is not what the schema allows; unknown fields it lets pass. */
  readonly validate?: (object: never) => void;
}

const TEKTON = "../../test/support/tekton.ts";
const SCHEMAS: Readonly<Record<string, Schema>> = {
  "v1/Namespace": { module: "kubernetes-models/v1", type: "INamespace", validate: (o) => new Namespace(o).validate() },
  "v1/Pod": { module: "kubernetes-models/v1", type: "IPod", validate: (o) => new Pod(o).validate() },
  "apps/v1/Deployment": {
    module: "kubernetes-models/apps/v1",
    type: "IDeployment",
    validate: (o) => new Deployment(o).validate(),
  },
  "kyverno.io/v1/ClusterPolicy": {
    module: "@kubernetes-models/kyverno/kyverno.io/v1",
    type: "IClusterPolicy",
    validate: (o) => new ClusterPolicy(o).validate(),
  },
  "tekton.dev/v1/Task": { module: TEKTON, type: "Task" },
  "tekton.dev/v1/TaskRun": { module: TEKTON, type: "TaskRun" },
};

function schemaOf(object: Manifest): Schema {
  const schema = SCHEMAS[`${object.apiVersion}/${object.kind}`];
  if (schema === undefined) throw new Error(`no schema for ${object.apiVersion}/${object.kind}`);
  return schema;
}

/** What the compiler says of the objects as literals of their types: nothing where every field exists and fits. */
function typeErrors(name: string, objects: readonly Manifest[]): string {
  const lines = objects.map((object, at) => {
    const { module, type } = schemaOf(object);
    return `export const object${at}: import(${JSON.stringify(module)}).${type} = ${JSON.stringify(object)};`;
  });
  const file = join(BUILD, "manifests", `${name}.ts`);
  mkdirSync(join(BUILD, "manifests"), { recursive: true });
  writeFileSync(file, `${lines.join("\n")}\n`);
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--allowImportingTsExtensions", "--ignoreConfig"];
  const tsc = join(PROJECT, "node_modules", ".bin", "tsc");
  // The test runner's own options are not for the compiler.
  const words = ["env", "-u", "NODE_OPTIONS", tsc, ...flags, "--module", "nodenext", "--target", "es2024", file];
  const { code, stdout, stderr } = attempt(words);
  if (code !== 0 && stdout === "") throw new Error(`tsc does not run: ${stderr}`);
  return stdout;
}

t.test("every object has only fields and values that its API's schema has", async (t) => {
  const all = manifests();
  t.same(
    new Set(all.map(({ object }) => object.kind)),
    new Set(["Namespace", "Deployment", "Pod", "Task", "TaskRun", "ClusterPolicy"]),
  );
  for (const { file, object } of all)
    t.doesNotThrow(() => schemaOf(object).validate?.(object as never), `${file}: ${object.kind}`);
  t.equal(
    typeErrors(
      "all",
      all.map(({ object }) => object),
    ),
    "",
  );
});

t.test("a misspelt field and a wrong value are found", async (t) => {
  const text = JSON.stringify(manifests().map(({ object }) => object));
  const broken = (from: string, to: string): string => {
    const objects = JSON.parse(text.replaceAll(from, to)) as Manifest[];
    return typeErrors("broken", objects);
  };
  t.match(broken('"readOnlyRootFilesystem"', '"readOnlyRootFileSystem"'), /readOnlyRootFileSystem/);
  t.match(broken('"hostUsers":false', '"hostUsers":"no"'), /not assignable to type 'boolean/);
  t.match(broken('"stepTemplate"', '"stepTemplates"'), /stepTemplates/);
  t.match(broken('"patchStrategicMerge"', '"patchStrategicMerges"'), /patchStrategicMerges/);
});

t.test("each step meets the restricted standard, but the one that builds images", async (t) => {
  const tasks = manifests().flatMap(({ object }) => (object.kind === "Task" ? [object as unknown as Task] : []));
  const found: Record<string, boolean> = {};
  for (const task of tasks)
    for (const step of task.spec.steps)
      found[`${task.metadata.name} ${step.name}`] = isRestricted({ ...task.spec.stepTemplate, ...step });
  t.same(found, { "test posture": true, "test test": true, "build build": false, "build posture": true });
});

/** The controls of the Pod Security Standard "restricted" that are a container's. */
function isRestricted({ securityContext: context }: Step): boolean {
  return (
    context?.runAsNonRoot === true &&
    context.runAsUser !== 0 &&
    context.allowPrivilegeEscalation === false &&
    (context.capabilities?.drop ?? []).includes("ALL") &&
    (context.capabilities?.add ?? []).every((name) => name === "NET_BIND_SERVICE") &&
    context.seccompProfile?.type === "RuntimeDefault" &&
    context.privileged !== true
  );
}
