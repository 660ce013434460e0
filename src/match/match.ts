// scaffold: replaced by the merge of the match room
import type { Identity } from "../accounts/identity.ts";
import type { Request } from "../cli.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Credentials } from "../privilege/credentials.ts";
export function fit(_kernel: Kernel, _request: Request, identity: Identity, _current: Credentials): Identity {
  return identity;
}
