// A start with --match and --chown on files in memory, for tests of what it does where calls fail.

import { identify } from "../../src/accounts/identify.ts";
import { AccountFiles } from "../../src/accounts/read.ts";
import { parseUserSpec } from "../../src/accounts/spec.ts";
import { Failure } from "../../src/failure.ts";
import type { Kernel } from "../../src/kernel/kernel.ts";
import type { Ids } from "../../src/kernel/layout.ts";
import { chownVolumes } from "../../src/match/chown.ts";
import { matchIdentity } from "../../src/match/match.ts";
import type { VolumeOptions } from "../../src/match/options.ts";
import { FakeFiles } from "./fake-files.ts";

/** The account files before the start, and as it leaves them. */
export const PASSWD =
  "root:x:0:0:root:/root:/bin/sh\nother:x:1000:5::/:\napp:x:10001:10001:The App:/home/app:/bin/sh\n";
export const GROUP = "root:x:0:\napp:x:10001:\nmore:x:77:app\n";
export const PASSWD_AFTER =
  "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:The App:/home/app:/bin/sh\nother:x:1000:5::/:\n";
export const GROUP_AFTER = "root:x:0:\napp:x:1000:\nmore:x:77:app\n";

/** An image with a user, its home, a mounted directory of somebody else's and a fresh volume. */
export function image(): FakeFiles {
  const files = new FakeFiles();
  files.file("/etc/passwd", PASSWD, 0o640, 0, 42).attributes.set("user.some", Buffer.from("abc"));
  files.file("/etc/group", GROUP).attributes.set("user.other", Buffer.from("def"));
  for (const path of ["/proc", "/sys", "/dev"]) files.directory(path);
  files.file("/proc/sys/kernel/overflowuid", "65534\n");
  files.file("/proc/sys/kernel/overflowgid", "65534\n");
  files.directory("/app", 0o755, 1000);
  files.directory("/home/app", 0o755, 10001);
  files.file("/home/app/file", "text", 0o600, 10001);
  files.link("/home/app/link", "/etc/shadow", 10001);
  files.file("/home/app/root", "text");
  // Deeper than the descriptors that are held.
  let path = "/data";
  files.directory(path);
  for (let i = 0; i < 30; i++) {
    path += "/in";
    files.directory(path);
    files.file(`${path}/file`, "text");
  }
  files.file("/data/one", "text");
  files.hardLink(`${path}/two`, "/data/one");
  return files;
}

export const OPTIONS: VolumeOptions = {
  match: "/app",
  puid: false,
  noChown: false,
  chown: ["/data"],
  verbose: false,
  changesFiles: true,
  holdsSignals: true,
};
export const ROOT: Ids = { real: 0, effective: 0, saved: 0 };

/** Starts once: who the command would be, or the Failure. */
export function start(files: FakeFiles, overrides: Partial<Kernel> = {}, options: VolumeOptions = OPTIONS): string {
  const kernel = files.kernel(overrides);
  try {
    const accounts = new AccountFiles(kernel);
    const user = identify(parseUserSpec("app"), accounts, 0, 0);
    const identity = matchIdentity(kernel, options, user, accounts, { uids: ROOT, gids: ROOT, groups: [] });
    chownVolumes(kernel, options, identity, 0);
    return `${identity.uid}:${identity.gid} ${identity.groups.join(",")}`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.message;
  }
}

/** Which call of a start fails with what; the call is named as the fake files name it. */
export function failing(call: string, path: string, errno: number): FakeFiles {
  const files = image();
  files.fault = (one, at) => (one === call && at === path ? errno : 0);
  return files;
}

/** What a file holds. */
export const text = (files: FakeFiles, path: string): string => files.at(path)?.bytes.toString() ?? "missing";
