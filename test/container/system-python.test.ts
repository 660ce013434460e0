import t from "tap";
import { onStatic } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onStatic(t, "three ways for Python, and what it sees in each", async (t, executable) => {
  followReadme(t, "python", workplace(t, "python", executable));
});
