import t from "tap";
import { onStatic } from "../support/executables.ts";
import { followReadme, workplace } from "../support/systems.ts";

onStatic(t, "Chromium prints and leaves no zombie", async (t, executable) => {
  const followed = followReadme(t, "puppeteer", workplace(t, "puppeteer", executable));
  t.match(followed.at(-1)?.stdout, /^zombies +[1-9]/m, "without tsgosu it leaves some");
});
