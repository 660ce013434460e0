import t from "tap";
import { onStatic } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onStatic(t, "somebody else's image under an injected init", async (t, executable) => {
  followReadme(t, "inits", workplace(t, "inits", executable));
});
