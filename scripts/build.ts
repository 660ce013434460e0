// npm run build: both executables, where they are not what the source makes; `sea` or `static` for one; `static riscv64`
// for another architecture, by its name in architectures.ts or by the compiler's.

import { architectureNamed } from "./architectures.ts";
import { ensureSea, ensureStatic, STATIC, staticFile } from "./executables.ts";
import { SetupError, tell } from "./host.ts";

const [what, name] = process.argv.slice(2);
try {
  if (what !== "sea") await buildFor(name);
  if (what !== "static") await ensureSea();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tell(error.message, "build");
  process.exitCode = 1;
}

async function buildFor(name: string | undefined): Promise<void> {
  if (name === undefined) return await ensureStatic("x86_64", STATIC);
  const architecture = architectureNamed(name);
  await ensureStatic(architecture.target, staticFile(architecture));
}
