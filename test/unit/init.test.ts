// The policy of an init: which signals it passes on, what it does about events, and how an end becomes an exit code.

import { constants } from "node:os";
import t from "tap";
import { heldSignals, isForwarded } from "../../src/init/signals.ts";
import { readStatus } from "../../src/init/status.ts";
import { signalName } from "../../src/kernel/signals.ts";

t.test("signal names are those of the system", async (t) => {
  for (const [name, number] of Object.entries(constants.signals)) {
    if (name === "SIGPOLL" || name === "SIGIOT" || name === "SIGUNUSED") continue;
    t.equal(signalName(number), name);
  }
});

t.test("what is passed on", async (t) => {
  const kept = [4, 5, 7, 8, 9, 11, 17, 19, 31];
  for (let signal = 1; signal <= 64; signal++) t.equal(isForwarded(signal), !kept.includes(signal), signalName(signal));
  t.notOk(isForwarded(0));
  t.notOk(isForwarded(65));
  t.ok(heldSignals().includes(17), "SIGCHLD is waited for");
});

t.test("how a child ended", async (t) => {
  for (let code = 0; code < 256; code++) t.same(readStatus(code << 8), { kind: "exited", code });
  for (let signal = 1; signal <= 64; signal++) {
    t.same(readStatus(signal), { kind: "signalled", signal });
    t.same(readStatus(signal | 0x80), { kind: "signalled", signal }, "with a core dump");
    t.same(readStatus((signal << 8) | 0x7f), { kind: "stopped" });
  }
});
