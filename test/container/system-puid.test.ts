import t from "tap";
import { onBoth } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onBoth(
  t,
  "PUID, PGID and UMASK decide whose files a service writes, also as an arbitrary UID",
  async (t, executable) => {
    followReadme(t, "puid", workplace(t, "puid", executable));
  },
);
