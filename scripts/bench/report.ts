// What was measured, as a table for the terminal and as a bar chart.

import type { Row } from "./start.ts";

/** A table with one line a program, for people. */
export function table(rows: readonly Row[]): string {
  const head = ["", "median ms", "p10–p90", "size kB", "as PID 1 kB (anonymous)"];
  const lines = rows.map((row) => [
    row.name,
    row.median.toFixed(2),
    `${row.p10.toFixed(2)}–${row.p90.toFixed(2)}`,
    `${Math.ceil(row.size / 1000)}${row.isStatic ? "" : " + libc"}`,
    row.resident < 0 ? "" : `${row.resident} (${row.anonymous})`,
  ]);
  return markdown([head, ...lines]);
}

/** A Markdown table, its columns aligned so that it reads well in a terminal too. */
export function markdown(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(rows[0] ?? []), rule, ...rows.slice(1).map(line)].join("\n");
}

const LEFT = 190;
const SCALE = 560;
const ROW = 24;

/** The start times as a bar chart in SVG, the Node ones left out: they are of another order. */
export function chart(rows: readonly Row[]): string {
  const shown = rows.filter((row) => !row.name.includes("ode"));
  const longest = Math.max(...shown.map((row) => row.median));
  const bars = shown.map((row, i) => bar(row, 50 + i * ROW, SCALE / longest));
  const height = 70 + shown.length * ROW;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 ${height}" font-family="sans-serif" font-size="13">
<title>Start times of tsgosu and others</title>
<rect width="820" height="${height}" fill="white"/>
<text x="10" y="24" font-size="15" font-weight="bold">From start to the end of /bin/true: median milliseconds, less is better</text>
${bars.join("\n")}
</svg>
`;
}

function bar(row: Row, y: number, scale: number): string {
  const color = row.name.startsWith("tsgosu") ? "#2b6cb0" : row.kind === "nothing" ? "#a0aec0" : "#cbd5e0";
  const width = (row.median * scale).toFixed(1);
  const end = (LEFT + row.median * scale + 6).toFixed(1);
  return `<text x="${LEFT - 8}" y="${y + 13}" text-anchor="end">${row.name}</text><rect x="${LEFT}" y="${y}" width="${width}" height="17" fill="${color}"/><text x="${end}" y="${y + 13}">${row.median.toFixed(2)}</text>`;
}
