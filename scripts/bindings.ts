// The FFI manifest for scriptc, read off the C files, so that no function is described twice.

import { readFileSync } from "node:fs";

interface Binding {
  readonly name: string;
  readonly symbol: string;
  readonly params: readonly string[];
  readonly returns: string;
}

interface Manifest {
  readonly ffi_format: 1;
  readonly functions: readonly Binding[];
  readonly libraries: readonly string[];
  readonly system_libraries: readonly string[];
}

const CLASSES: Readonly<Record<string, string>> = {
  double: "f64",
  bytes: "bytes",
  void: "void",
};

/** The manifest that binds every `kernel_*` function which TypeScript may call; `bytes` stands for pointer and length. */
export function bindings(object: string): Manifest {
  const source = ["abi", "calls", "kernel"]
    .map((name) => readFileSync(`src/kernel/static/${name}.c`, "utf8"))
    .join("\n");
  const functions: Binding[] = [];
  for (const [, returns, name, parameters] of source.matchAll(/^(double|void) (kernel_\w+)\(([^)]*)\)/gm)) {
    if (returns === undefined || name === undefined || parameters === undefined) continue;
    functions.push({ name, symbol: name, params: parameterClasses(parameters), returns: classOf(returns) });
  }
  return { ffi_format: 1, functions, libraries: [object], system_libraries: [] };
}

function parameterClasses(parameters: string): string[] {
  return parameters
    .split(",")
    .map((parameter) => parameter.trim().split(" ")[0] ?? "")
    .filter((type) => type !== "void" && type !== "" && type !== "size_t")
    .map(classOf);
}

function classOf(type: string): string {
  const found = CLASSES[type];
  if (found === undefined) throw new Error(`src/kernel/static: no FFI class for type ${type}`);
  return found;
}
