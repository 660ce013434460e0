// The names and numbers of capabilities, held against the kernel's own header, which zig brings.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import t from "tap";
import { PROJECT } from "../../scripts/host.ts";
import { describeCapabilities, parseCapabilities } from "../../src/privilege/capabilities.ts";

t.test("every name has the number that the kernel's header gives it", async (t) => {
  const zig = join(PROJECT, "node_modules/.bin/zig");
  const words = ["-u", "NODE_OPTIONS", zig, "cc", "-target", "x86_64-linux-musl", "-dM", "-E", "-x", "c", "-"];
  const macros = execFileSync("env", words, { input: "#include <linux/capability.h>\n", encoding: "utf8" });
  const header = [...macros.matchAll(/^#define CAP_(\w+) +(\d+)$/gm)];
  t.ok(header.length > 35, `${header.length} in the header`);
  for (const [, name = "", number = ""] of header) {
    if (Number(number) > 40) continue;
    t.equal(parseCapabilities(name, 0), 2 ** Number(number), name);
    t.equal(describeCapabilities(2 ** Number(number)), name.toLowerCase(), number);
  }
});
