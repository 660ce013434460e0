// The compiler that writes TypeScript as C, as a program. Its own command line is another package, `scriptc`, which names a
// newer Node than the npm of a Debian machine runs on; all that is needed of it stands here.
// usage: node scripts/scriptc.ts c OUTPUT MANIFEST ENTRY      writes the C
//        node scripts/scriptc.ts link OUTPUT MANIFEST ENTRY   says as JSON what it has to be linked with
// SCRIPTC_TARGET in the environment is the machine that the C is for.

import { dirname, resolve } from "node:path";
import { type CompileSourceOptions, compile, renderDiagnostics } from "@scriptc/compiler";

const [what, output = "", manifest = "", entry = ""] = process.argv.slice(2);
const outPath = resolve(output);
const paths = { outPath, outDir: dirname(outPath), ffiProfilePath: resolve(manifest) };
const options: CompileSourceOptions =
  what === "link"
    ? { ...paths, outputKind: "obj", backend: "llvm", nativeLinkInfo: true }
    : { ...paths, outputKind: "c", backend: "c" };
const result = await compile(entry, options);
if (!result.ok) {
  process.stderr.write(`${renderDiagnostics(result.diagnostics, result.sourceTexts, { color: false })}\n`);
  process.exitCode = 1;
} else if (result.artifact.kind === "obj") process.stdout.write(JSON.stringify(result.artifact.nativeLinkInfo));
