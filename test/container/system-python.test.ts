import t from "tap";
import { engine } from "../support/containers.ts";
import { onStatic } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

function lineOf(text: string, start: string): string {
  return text.split("\n").find((line) => line.startsWith(start)) ?? "";
}

onStatic(t, "three ways for Python, and what it sees in each", async (t, executable) => {
  const followed = followReadme(t, "python", workplace(t, "python", executable));
  const plain = followed.find(({ command }) => command.includes("--user 1000:1000"))?.stdout ?? "";
  const own = engine.name === "podman" ? ["/app", "1000"] : ["/", "KeyError: 'getpwuid(): uid not found: 1000'"];
  t.same(
    ["HOME", "getpass.getuser()"].map((name) => /^\S+ +(.*)$/.exec(lineOf(plain, name))?.[1]),
    own,
    "the line that podman adds, and Docker does not",
  );
});
