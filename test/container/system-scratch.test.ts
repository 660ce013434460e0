import t from "tap";
import { onStatic } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onStatic(t, "a static program in an image from scratch", async (t, executable) => {
  followReadme(t, "scratch", workplace(t, "scratch", executable));
});
