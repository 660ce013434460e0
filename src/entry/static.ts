// Where the static executable starts.

import { staticKernel } from "../kernel/static/kernel.ts";
import { main } from "../main.ts";

main(staticKernel());
