// What tsgosu writes, where nobody reads it, where there is no room, and where a file may not get larger.

import t from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { onBoth } from "../support/executables.ts";

/** Makes descriptor 3 a pipe that nobody reads any more. */
const UNREAD = "rm -f /tmp/pipe; mkfifo /tmp/pipe; exec 4<>/tmp/pipe 3>/tmp/pipe 4<&-";

onBoth(t, "what was asked for and cannot be written is an error", async (t, executable) => {
  const asked = ["--help", "--version", "--check", "--check --json", "--check --explain x", "-v"];
  const cases: Case[] = asked.map((words) => ({ name: words, script: `tsgosu ${words} >/dev/full` }));
  // Node opens /dev/null in place of a stream that is closed.
  if (executable.name === "static") cases.push({ name: "closed", script: "tsgosu --help >&-" });
  cases.push({ name: "a pipe that nobody reads", script: `${UNREAD}; tsgosu --help >&3` });
  const results = await runCases(executable, cases);
  for (const { name } of cases) {
    const ran = results.get(name);
    t.equal(ran?.code, 125, name);
    t.match(
      ran?.stderr,
      /^tsgosu: standard output: cannot be written: (no space left on device|bad file descriptor|broken pipe)\n$/,
      name,
    );
  }
});

const SIGNALS = "sed -n '/^SigPnd/p; /^ShdPnd/p; /^SigBlk/p; /^SigIgn/p; /^SigCgt/p' /proc/self/status";

onBoth(t, "a reader of standard error that has gone ends nothing", async (t, executable) => {
  const said = "--verbose 1000:1000";
  const cases: readonly (Case & { readonly code: number; readonly stdout: string })[] = [
    { name: "an error", script: `${UNREAD}; tsgosu nosuch true 2>&3`, code: 125, stdout: "" },
    { name: "not found", script: `${UNREAD}; tsgosu --exec 1000 nosuch 2>&3`, code: 127, stdout: "" },
    {
      name: "exec",
      script: `${UNREAD}; tsgosu --exec ${said} sh -c 'echo ran; exit 3' 2>&3`,
      code: 3,
      stdout: "ran\n",
    },
    {
      name: "init",
      script: `${UNREAD}; tsgosu --init ${said} sh -c 'sleep 0.2; echo ran; exit 3' 2>&3`,
      code: 3,
      stdout: "ran\n",
    },
    {
      name: "ended by it",
      script: `${UNREAD}; tsgosu --exec ${said} sh -c 'kill -PIPE $$' 2>&3`,
      code: 141,
      stdout: "",
    },
  ];
  const results = await runCases(executable, cases);
  for (const { name, code, stdout } of cases) t.match(results.get(name), { code, stdout }, name);
});

onBoth(t, "the command finds these signals as tsgosu did", async (t, executable) => {
  const modes = ["--exec", "--init -s"];
  const cases: Case[] = [{ name: "bare", script: `setpriv --reuid 1000 --regid 1000 --clear-groups ${SIGNALS}` }];
  for (const mode of modes)
    cases.push({ name: mode, script: `${UNREAD}; tsgosu ${mode} --verbose 1000:1000 ${SIGNALS} 2>&3` });
  const results = await runCases(executable, cases);
  for (const mode of modes) t.equal(results.get(mode)?.stdout, results.get("bare")?.stdout, mode);
  t.match(results.get("bare")?.stdout, /^SigIgn:\t0+$/m);
});

/** An account file of 1,021 bytes, which a longer number makes larger than a process may under `ulimit -f 1`. */
const FULL = `printf 'root:x:0:0::/root:/bin/sh\\napp:x:9:9::/nohome:/bin/sh\\n' >/etc/passwd
printf 'root:x:0:\\napp:x:9:\\n' >/etc/group
{ printf 'pad:x:5:5:'; head -c 100000 /dev/zero | tr '\\0' x | head -c $((1021 - $(stat -c %s /etc/passwd) - 4)); printf '::/\\n'; } >>/etc/passwd
rm -rf /m; mkdir /m; chown 100000:100000 /m`;

onBoth(t, "--match under a limit of the size of files leaves them whole", async (t, executable) => {
  const cases: Case[] = [];
  for (const mode of ["--exec", "--init -s"])
    for (const limit of [0, 1])
      cases.push({
        name: `${mode}, ${limit}`,
        script: `sum=$(sha256sum </etc/passwd); (ulimit -f ${limit}; exec tsgosu ${mode} --match /m app ${SIGNALS}) 2>&1 | cat; echo "\${PIPESTATUS[0]}"; [ "$sum" = "$(sha256sum </etc/passwd)" ] && echo whole; ls /etc | grep passwd+; tail -c 1 /etc/passwd | od -An -c`,
      });
  const results = await runCases(executable, cases, { before: FULL });
  for (const { name } of cases) {
    const ran = results.get(name);
    const [notices = "", signals = ""] = (ran?.stdout ?? "").split(/(?=^SigPnd)/m);
    t.match(
      notices,
      /^tsgosu: \/etc\/(group|passwd): cannot be written: file too large; continuing with the IDs/,
      name,
    );
    t.match(signals, /^SigPnd:\t0+\nShdPnd:\t0+\nSigBlk:\t0+\nSigIgn:\t0+\nSigCgt:\t0+\n0\nwhole\n *\\n\n$/, name);
  }
});
