// Where the Node executable starts.

import { LISTENER, nodeKernel } from "../kernel/node/kernel.ts";
import { becomeListener, isListener, main } from "../main.ts";
import { guarded } from "../report.ts";

const kernel = nodeKernel();
if (isListener(kernel, LISTENER)) guarded(kernel, becomeListener);
else main(kernel);
