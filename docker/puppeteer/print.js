// Prints a page as often as is asked for, with a fresh browser for every five, as a print service does; then says how many
// processes have ended that nobody reaped.

import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import puppeteer from "puppeteer-core";

const PAGES_PER_BROWSER = 5;
const PATIENCE_MS = 120_000;
const count = Number(process.argv[2] ?? 1);
const page = new URL("page.html", import.meta.url).href;

mkdirSync("/tmp/out", { recursive: true });
for (let printed = 0; printed < count; ) {
  // Chromium's own sandbox needs user namespaces or a setuid program, neither of which a restricted container has.
  const browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium",
    // A machine with much other work to do may take longer than the usual half minute, for this and for a page.
    timeout: PATIENCE_MS,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
  for (let n = 0; n < PAGES_PER_BROWSER && printed < count; n++, printed++) {
    const tab = await browser.newPage();
    tab.setDefaultTimeout(PATIENCE_MS);
    await tab.goto(page);
    await tab.screenshot({ path: "/tmp/out/page.png" });
    await tab.pdf({ path: "/tmp/out/page.pdf" });
    await tab.close();
  }
  await browser.close();
}
// What has just ended is reaped in a moment, or never.
for (let tries = 0; tries < 100 && zombies() > 0; tries++) await sleep(100);

const status = readFileSync("/proc/self/status", "utf8");
console.log("user      ", process.getuid());
console.log(
  "screenshot",
  statSync("/tmp/out/page.png").size > 1000,
  readFileSync("/tmp/out/page.png").toString("latin1", 1, 4),
);
console.log(
  "PDF       ",
  statSync("/tmp/out/page.pdf").size > 1000,
  readFileSync("/tmp/out/page.pdf").toString("latin1", 0, 4),
);
console.log(
  "CapEff    ",
  /^CapEff:\s*(\w+)/m.exec(status)?.[1],
  "NoNewPrivs",
  /^NoNewPrivs:\s*(\w+)/m.exec(status)?.[1],
);
console.log("pages     ", count);
console.log("zombies   ", zombies());
process.exit(0);

function zombies() {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && stateOf(name) === "Z").length;
}

function stateOf(pid) {
  try {
    return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
  } catch {
    return "gone";
  }
}
