// npm run setup: everything the tests and the demo need besides npm's packages.

import { ensureClang } from "./build-fuzzer.ts";
import { ensureContainers, proveContainers } from "./containers.ts";
import { SetupError, tell } from "./host.ts";

try {
  const containers = ensureContainers();
  proveContainers(containers);
  ensureClang();
  tell(`${containers.engine.name} starts ${containers.baseImage}`);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  tell(error.message);
  process.exitCode = 1;
}
