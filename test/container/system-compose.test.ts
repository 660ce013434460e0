import t from "tap";
import { onStatic } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onStatic(t, "two services and folders that stay the host user's", async (t, executable) => {
  followReadme(t, "compose", workplace(t, "compose", executable));
});
