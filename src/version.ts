// Kept equal to package.json, the man page and the change log by a test.
export const VERSION = "1.0.0-rc.1";
