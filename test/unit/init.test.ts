// The policy of an init: which signals it passes on, what it does about events, and how an end becomes an exit code.

import { constants } from "node:os";
import t from "tap";
import { heldSignals, isForwarded, signalName } from "../../src/init/signals.ts";
import { exitCode } from "../../src/init/status.ts";
import { step } from "../../src/init/supervisor.ts";

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

t.test("events", async (t) => {
  const state = { command: 42 };
  t.same(step(state, { kind: "signal", signal: 15 }).actions, [{ kind: "kill", pid: 42, signal: 15 }]);
  t.same(step(state, { kind: "signal", signal: 17 }).actions, [{ kind: "reap" }]);
  t.same(step(state, { kind: "signal", signal: 11 }).actions, []);
  t.same(step(state, { kind: "reaped", pid: 43, status: 0 }).actions, [], "an orphan");
  t.same(step(state, { kind: "reaped", pid: 42, status: 7 << 8 }).actions, [{ kind: "exit", code: 7 }]);
  t.same(step(state, { kind: "reaped", pid: 42, status: 9 }).actions, [{ kind: "exit", code: 137 }]);
});

t.test("exit codes", async (t) => {
  for (let code = 0; code < 256; code++) t.equal(exitCode(code << 8), code);
  for (let signal = 1; signal <= 64; signal++) {
    t.equal(exitCode(signal), 128 + signal);
    t.equal(exitCode(signal | 0x80), 128 + signal, "with a core dump");
  }
});
