// What a run of all tests says, file by file.

/** A file of tests, and what came of the run. */
export interface FileResult {
  readonly file: string;
  /** Single statements that a test checks. */
  readonly checks: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
}

const SUBTEST = /^( *)# Subtest: (.*)$/;
const RESULT = /^( *)(not )?ok \d+(.*)$/;

/**
 * The files in the output of tap's `tap` reporter. A result that closes a subtest is a check of its own only if there was none in it, as
 * where fast-check throws what is wrong. Files that were not run to their end have no result, and are not listed.
 */
export function filesIn(tap: string): FileResult[] {
  const files: FileResult[] = [];
  const open: { readonly indent: number; readonly checks: number }[] = [];
  let checks = 0;
  let failed = 0;
  let skipped = 0;
  // What is said of a failure stands between `---` and `...`, and may quote such lines.
  for (const line of tap.replace(/^( *)---\n.*?^\1\.\.\.$/gms, "").split("\n")) {
    const subtest = SUBTEST.exec(line);
    if (subtest !== null) {
      open.push({ indent: (subtest[1] ?? "").length, checks });
      continue;
    }
    const result = RESULT.exec(line);
    if (result === null) continue;
    const [, indent = "", not, rest = ""] = result;
    const closed = open.at(-1)?.indent === indent.length ? open.pop() : undefined;
    const [, file, milliseconds] = /^ - (\S+\.ts) # time=([\d.]+)ms/.exec(rest) ?? [];
    if (closed !== undefined && open.length === 0 && file !== undefined) {
      files.push({ file, checks, failed, skipped, seconds: Math.round(Number(milliseconds) / 100) / 10 });
      checks = 0;
      failed = 0;
      skipped = 0;
      continue;
    }
    if (closed !== undefined && checks > closed.checks) continue;
    checks++;
    if (/ # (skip|todo)\b/i.test(rest)) skipped++;
    else if (not !== undefined) failed++;
  }
  return files.sort((a, b) => (a.file < b.file ? -1 : 1));
}
