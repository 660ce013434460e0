import t from "tap";
import { onBoth } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onBoth(t, "a user talks to the Docker socket by its group", async (t, executable) => {
  followReadme(t, "docker-socket", workplace(t, "docker-socket", executable));
});
