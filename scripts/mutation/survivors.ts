// What is known of mutants that no unit test kills: why that is so. The reasons are kept in survivors.json, under names that
// stay the same while lines above them come and go.

import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { MutantResult, Position } from "@stryker-mutator/api/core";
import { PROJECT } from "../host.ts";
import { offsetOf } from "./types.ts";

export const REASONS_FILE = "scripts/mutation/survivors.json";

/** Why these mutants survive, each by its name. */
export interface Reason {
  readonly reason: string;
  readonly mutants: readonly string[];
}

export function readReasons(): Reason[] {
  return JSON.parse(readFileSync(join(PROJECT, REASONS_FILE), "utf8")) as Reason[];
}

/** `src/text.ts: the line: what stands there → what the mutant has there`. */
export function nameOf({ fileName, location, replacement }: MutantResult, text: string): string {
  // Results count lines and columns from 1 on.
  const start = fromZero(location.start);
  const end = fromZero(location.end);
  const line = onOneLine(text.split("\n")[start.line] ?? "");
  const original = onOneLine(text.slice(offsetOf(text, start), offsetOf(text, end)));
  const changed = original === line ? line : `${line}: ${original}`;
  return `${relative(PROJECT, fileName)}: ${changed} → ${onOneLine(replacement ?? "")}`;
}

function fromZero({ line, column }: Position): Position {
  return { line: line - 1, column: column - 1 };
}

/** So much of a text, on one line. */
const MOST = 100;

function onOneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MOST ? line : `${line.slice(0, MOST)}…`;
}
