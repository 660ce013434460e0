// Where the static executable starts.

import { staticKernel } from "../kernel/static.ts";
import { main } from "../main.ts";

main(staticKernel);
