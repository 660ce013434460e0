// Where the Node executable starts in the build that measures: V8 counts the functions that have run, and they are written
// down before the process becomes another program, or ends.

import "./watch.ts";
import "../../src/entry/sea.ts";
