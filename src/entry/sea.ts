// Where the Node executable starts.

import { nodeKernel } from "../kernel/node.ts";
import { main } from "../main.ts";

main(nodeKernel);
