import t from "tap";
import { onBoth } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onBoth(t, "Redis keeps its data, and hands its volume over", async (t, executable) => {
  followReadme(t, "redis", workplace(t, "redis", executable));
});
