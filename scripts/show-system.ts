// npm run demo -- NAME: follows a system's README and shows what its commands print.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT, SetupError } from "./host.ts";
import {
  containersFor,
  type Followed,
  follow,
  instructionsIn,
  matchingLines,
  openWorkplace,
  systemNamed,
  whatWentWrong,
} from "./systems.ts";

const WIDTH = 118;

/** Shows the system of that name. Throws a SetupError where something else came out than the README says. */
export function showSystem(name: string): void {
  const system = systemNamed(name);
  const file = join(PROJECT, "docker", name, "README.md");
  const readme = readFileSync(file, "utf8");
  process.stdout.write(`${readme.slice(2, readme.indexOf("\n"))}: what docker/${name}/README.md says, done\n\n`);
  const place = openWorkplace(containersFor(system), system, "tsgosu-static");
  try {
    for (const followed of follow(place, instructionsIn(readme))) show(followed);
  } finally {
    place.remove();
  }
}

/** A command and what matters of its output: the lines that the README has too. */
function show(followed: Followed): void {
  const { command, stdout, stderr, expected } = followed;
  const wrong = whatWentWrong(followed);
  if (wrong !== "") throw new SetupError(wrong);
  const lines = matchingLines(
    `${stdout}\n${stderr}`,
    expected.filter((line) => line !== "…"),
  );
  if (lines.length === 0) return;
  const oneLine = command.replace(/\s+/g, " ");
  process.stdout.write(`$ ${oneLine.length > WIDTH ? `${oneLine.slice(0, WIDTH - 1)}…` : oneLine}\n`);
  for (const line of lines) process.stdout.write(`    ${line}\n`);
}
