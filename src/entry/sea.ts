// Where the Node executable starts.

import { LISTENER, nodeKernel } from "../kernel/node/kernel.ts";
import { becomeListener, guarded, main } from "../main.ts";

const kernel = nodeKernel();
if (kernel.argument(1) === LISTENER) guarded(kernel, becomeListener);
else main(kernel);
