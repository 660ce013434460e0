// Where the Node executable starts.

import { LISTEN_PID } from "../kernel/kernel.ts";
import { LISTENER, nodeKernel } from "../kernel/node.ts";
import { guarded, main } from "../main.ts";
import { execCommand } from "../run/run.ts";

if (nodeKernel.argument(1) !== LISTENER) main(nodeKernel);
else {
  // The child of an init, switched already, which becomes the command that LISTEN_PID has to name.
  guarded(nodeKernel, (kernel) => {
    kernel.setenv(LISTEN_PID, `${kernel.getpid()}`);
    execCommand(kernel, 2);
  });
}
