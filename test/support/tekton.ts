// The objects of Tekton's API that the manifests use, field by field as in its reference (tekton.dev/v1), on top of the
// Kubernetes types they are made of: no npm package has Tekton's schemas. Nothing but these fields is accepted.

import type {
  IEmptyDirVolumeSource,
  IEnvVar,
  INamespace,
  IPodSecurityContext,
  IResourceRequirements,
  ISecurityContext,
  IVolume,
  IVolumeMount,
} from "kubernetes-models/v1";

type IObjectMeta = NonNullable<INamespace["metadata"]>;

interface ParamSpec {
  name: string;
  type?: "string" | "array" | "object";
  description?: string;
  default?: string | readonly string[];
}

interface Param {
  name: string;
  value: string | readonly string[];
}

interface StepTemplate {
  env?: IEnvVar[];
  image?: string;
  command?: string[];
  args?: string[];
  workingDir?: string;
  securityContext?: ISecurityContext;
  computeResources?: IResourceRequirements;
  volumeMounts?: IVolumeMount[];
}

export interface Step extends StepTemplate {
  name?: string;
  image: string;
  script?: string;
  timeout?: string;
  onError?: "continue" | "stopAndFail";
}

export interface Task {
  apiVersion: "tekton.dev/v1";
  kind: "Task";
  metadata: IObjectMeta;
  spec: {
    description?: string;
    params?: ParamSpec[];
    results?: { name: string; description?: string }[];
    workspaces?: { name: string; description?: string; mountPath?: string; readOnly?: boolean; optional?: boolean }[];
    volumes?: IVolume[];
    stepTemplate?: StepTemplate;
    steps: Step[];
  };
}

export interface TaskRun {
  apiVersion: "tekton.dev/v1";
  kind: "TaskRun";
  metadata: IObjectMeta;
  spec: {
    serviceAccountName?: string;
    timeout?: string;
    params?: Param[];
    taskRef: { name: string; kind?: "Task" };
    workspaces?: { name: string; emptyDir?: IEmptyDirVolumeSource; persistentVolumeClaim?: { claimName: string } }[];
    podTemplate?: { securityContext?: IPodSecurityContext; automountServiceAccountToken?: boolean };
  };
}
