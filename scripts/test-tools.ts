// What the tests themselves need built: the addon of posix, and tap without the TypeScript plugin, which does not know this
// TypeScript (.taprc). Both are made in node_modules, once.

import { must, tell } from "./host.ts";
import { ensurePosixAddon } from "./posix-addon.ts";
import { follow } from "./recipe.ts";

const TAP = "node_modules/@tapjs/test/test-built";

ensurePosixAddon();
await follow(
  {
    outputs: [`${TAP}/dist/esm/index.js`, `${TAP}/dist/commonjs/index.js`, `${TAP}/src/index.ts`],
    inputs: [".taprc", "node_modules/.package-lock.json"],
    make: () => {
      tell("tap, for the plugins that .taprc names", "build");
      must(["tap", "build"]);
    },
  },
  "build/made",
);
