import t from "tap";
import { onBoth } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onBoth(t, "a Node application on a bind mount", async (t, executable) => {
  followReadme(t, "node-app", workplace(t, "node-app", executable));
});
