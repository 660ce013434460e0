// npm run build: both executables, where they are not what the source makes; `sea` or `static` for one; `static aarch64`
// for another architecture.

import { ensureSea, ensureStatic, STATIC } from "./executables.ts";

const [what, architecture] = process.argv.slice(2);
if (what !== "sea") {
  if (architecture === undefined) await ensureStatic("x86_64", STATIC);
  else await ensureStatic(architecture, `${STATIC}-${architecture}`);
}
if (what !== "static") await ensureSea();
