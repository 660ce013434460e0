// Where the Node executable starts.

import { LISTEN_PID, ROOM_FOR_PID } from "../kernel/kernel.ts";
import { LISTENER, nodeKernel } from "../kernel/node.ts";
import { guarded, main } from "../main.ts";
import { readCredentials } from "../privilege/credentials.ts";
import { refusePrivilegedFile } from "../privilege/installation.ts";
import { execCommand } from "../run/run.ts";

// The word alone is no sign of an init: it may come from where a user-spec does.
const isListener = nodeKernel.argument(1) === LISTENER && nodeKernel.environment(LISTEN_PID) === ROOM_FOR_PID;
if (!isListener) main(nodeKernel);
else {
  // The child of an init, switched already, which becomes the command that LISTEN_PID has to name.
  guarded(nodeKernel, (kernel) => {
    refusePrivilegedFile(kernel, readCredentials(kernel));
    kernel.setenv(LISTEN_PID, `${kernel.getpid()}`);
    execCommand(kernel, 2);
  });
}
