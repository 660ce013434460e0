// scaffold: replaced by the merge of the match room
import type { Identity } from "../accounts/identity.ts";
import type { Settings } from "../cli/request.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Credentials } from "../privilege/credentials.ts";
export function fit(_kernel: Kernel, _settings: Settings, identity: Identity, _current: Credentials): Identity {
  return identity;
}
