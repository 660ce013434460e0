// The standard streams (DESIGN §5): a user may open /dev/stdout although root made the pipe.

import t from "tap";
import { runCases } from "../support/cases.ts";
import { run } from "../support/containers.ts";
import { onBoth } from "../support/executables.ts";

const WRITE = "echo to-stdout >/dev/stdout && echo to-stderr >/dev/stderr";

for (const mode of ["--init", "--exec"]) {
  onBoth(t, `the user may open /dev/stdout and /dev/stderr, which are pipes, ${mode}`, async (t, executable) => {
    const ran = await run(executable, [mode, "1000:1000", "sh", "-c", WRITE]);
    t.same(ran, { code: 0, stdout: "to-stdout\n", stderr: "to-stderr\n", ms: ran.ms });
  });

  onBoth(t, `the user may open /dev/stdin, which is a pipe, ${mode}`, async (t, executable) => {
    const ran = await run(executable, [mode, "1000:1000", "sh", "-c", "cat /dev/stdin"], { input: "typed\n" });
    t.same(ran, { code: 0, stdout: "typed\n", stderr: "", ms: ran.ms });
  });
}

onBoth(t, "with --keep-stdio-owner it may not", async (t, executable) => {
  const ran = await run(executable, ["--keep-stdio-owner", "1000:1000", "sh", "-c", "echo x >/dev/stdout"]);
  t.equal(ran.stdout, "");
  t.match(ran.stderr, /ermission denied/);
  t.not(ran.code, 0);
});

const OWNER = "stat -L -c %u:%g";

onBoth(t, "whose streams are what afterwards", async (t, executable) => {
  const results = await runCases(executable, [
    { name: "a pipe", script: `true | { tsgosu 1000:1000 true; ${OWNER} /dev/stdin; }` },
    { name: "kept", script: `true | { tsgosu --keep-stdio-owner 1000:1000 true; ${OWNER} /dev/stdin; }` },
    { name: "a file", script: `: >/tmp/file; tsgosu 1000:1000 true </tmp/file >>/tmp/file; ${OWNER} /tmp/file` },
    { name: "/dev/null", script: `tsgosu 1000:1000 true </dev/null; ${OWNER} /dev/null` },
    { name: "a directory", script: `mkdir -p /tmp/d; tsgosu 1000:1000 true </tmp/d; ${OWNER} /tmp/d` },
    { name: "a FIFO", script: `mkfifo /tmp/fifo; tsgosu 1000:1000 true <>/tmp/fifo; ${OWNER} /tmp/fifo` },
    {
      name: "a socket",
      script: `perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); open STDIN, "<&A"; system qw(tsgosu 1000:1000 true); print join ":", (stat STDIN)[4, 5]'`,
    },
    { name: "another descriptor", script: `true | { tsgosu 1000:1000 true 5<&0 </dev/null; ${OWNER} /dev/stdin; }` },
    {
      name: "closed streams",
      script: "tsgosu 1000:1000 sh -c 'echo ran >/tmp/ran; chmod 666 /tmp/ran' <&- >&- 2>&-; cat /tmp/ran",
    },
    {
      name: "already the user",
      script: `true | { setpriv --reuid 1000 --regid 1000 --clear-groups tsgosu 1000:1000 true; ${OWNER} /dev/stdin; }`,
    },
    {
      name: "--if-root and not root",
      script: `true | { setpriv --reuid 7 --regid 7 --clear-groups tsgosu --if-root 1000 true; ${OWNER} /dev/stdin; }`,
    },
    { name: "not permitted", script: "true | setpriv --bounding-set -chown --inh-caps -all tsgosu 1000:1000 echo ran" },
  ]);
  const expected: Record<string, string> = {
    "a pipe": "1000:0\n",
    kept: "0:0\n",
    "a file": "0:0\n",
    "/dev/null": "0:0\n",
    "a directory": "0:0\n",
    "a FIFO": "1000:0\n",
    "a socket": "1000:0",
    "another descriptor": "0:0\n",
    "closed streams": "ran\n",
    "already the user": "0:0\n",
    "--if-root and not root": "0:0\n",
    "not permitted": "ran\n",
  };
  for (const [name, stdout] of Object.entries(expected)) {
    const { stdout: actual, stderr } = results.get(name) ?? {};
    t.same({ stdout: actual, stderr }, { stdout, stderr: "" }, name);
  }
});

onBoth(t, "standard output that is full makes an error of the command, not of tsgosu", async (t, executable) => {
  const results = await runCases(executable, [
    { name: "command", script: "tsgosu 1000 true >/dev/full; echo $?" },
    { name: "error line", script: "tsgosu nosuch true 2>/dev/full; echo $?" },
  ]);
  t.equal(results.get("command")?.stdout, "0\n");
  t.equal(results.get("error line")?.stdout, "125\n");
});
