// The systems in docker/, built and run as their READMEs say.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Test } from "tap";
import { PROJECT } from "../../scripts/host.ts";
import {
  containersFor,
  type ExecutableName,
  type Followed,
  follow,
  instructionsIn,
  openWorkplace,
  systemNamed,
  type Workplace,
  whatWentWrong,
} from "../../scripts/systems.ts";
import type { Executable } from "./executables.ts";

/** The same, as the release image names it. */
function executableName(executable: Executable): ExecutableName {
  return executable.name === "sea" ? "tsgosu" : "tsgosu-static";
}

/** A folder with only the system's files; it is removed when the test ends. */
export function workplace(t: Test, name: string, executable: Executable): Workplace {
  const system = systemNamed(name);
  const place = openWorkplace(containersFor(system), system, executableName(executable));
  t.teardown(() => place.remove());
  return place;
}

/** Follows a system's README from a folder with only its files: each command succeeds, and prints what is said. */
export function followReadme(t: Test, name: string, place: Workplace): Followed[] {
  const readme = readFileSync(join(PROJECT, "docker", name, "README.md"), "utf8");
  const followed = follow(place, instructionsIn(readme));
  t.ok(followed.length > 1, "the README has commands");
  const seen = followed.flatMap((one) => one.services);
  for (const name of place.system.services)
    t.ok(
      seen.some((line) => new RegExp(`^${name}.*: idle$`).test(line)),
      `${name} has nothing to do, and does nothing`,
    );
  assertFollowed(t, followed);
  return followed;
}

/** Each command succeeded, printed what is said and nothing else, and left no service busy. */
export function assertFollowed(t: Test, followed: readonly Followed[]): void {
  for (const one of followed) t.equal(whatWentWrong(one), "", one.command);
}
