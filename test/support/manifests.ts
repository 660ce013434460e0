// The manifests of docker/kubernetes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { PROJECT } from "../../scripts/host.ts";

/** An object of a manifest, as far as every one has it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Every object in the folder's YAML files, with the file's name. Throws for what is not YAML. */
export function manifests(): { readonly file: string; readonly object: Manifest }[] {
  const directory = join(PROJECT, "docker", "kubernetes");
  const files = readdirSync(directory).filter((name) => name.endsWith(".yaml"));
  return files.flatMap((file) =>
    parseAllDocuments(readFileSync(join(directory, file), "utf8")).map((document) => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return { file, object: document.toJS() as Manifest };
    }),
  );
}
