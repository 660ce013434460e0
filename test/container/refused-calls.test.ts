// System calls that a kernel does not have, or that a seccomp profile refuses.

import t from "tap";
import { run, start, until } from "../support/containers.ts";
import { onBoth, onStatic } from "../support/executables.ts";
import { refusing } from "../support/seccomp.ts";

const EPERM = 1;
const ENOSYS = 38;

onBoth(t, "who cannot be read is not taken for root", async (t, executable) => {
  for (const name of ["getresuid", "getresgid", "getgroups"])
    for (const mode of ["--exec", "--init"]) {
      const flags = [refusing(t, { name, errno: EPERM })];
      const ran = await run(executable, [mode, "1000:1000", "echo", "ran"], { flags });
      t.same({ code: ran.code, stdout: ran.stdout }, { code: 125, stdout: "" }, `${name}, ${mode}`);
      t.match(
        ran.stderr,
        new RegExp(
          `^tsgosu: cannot read the IDs of this process: ${name}: operation not permitted\ntsgosu: hint: .*\n$`,
        ),
      );
    }
});

onStatic(t, "a sandbox that refuses what an init needs", async (t, executable) => {
  for (const name of ["rt_sigprocmask", "rt_sigtimedwait", "rt_sigaction"]) {
    const flags = [refusing(t, { name, errno: EPERM })];
    const ran = await run(executable, ["1000", "sleep", "1"], { flags });
    t.equal(ran.code, 125, name);
    t.match(
      ran.stderr,
      /^tsgosu: cannot (hold|wait for) signals: operation not permitted\ntsgosu: hint: .*seccomp/,
      name,
    );
  }
});

onBoth(t, "without close_range, init holds no inherited descriptor all the same", async (t, executable) => {
  for (const errno of [ENOSYS, EPERM]) {
    const script =
      "exec 7</etc/hostname 9</etc/passwd 200</etc/group; exec tsgosu 1000:1000 sh -c 'echo ready; exec sleep 60'";
    const container = await start(t, executable, ["-c", script], {
      entrypoint: "bash",
      flags: ["--cap-add=SYS_PTRACE", refusing(t, { name: "close_range", errno })],
    });
    await container.waitForLog("ready");
    const listing = async (): Promise<string> =>
      (await container.exec(["find", "/proc/1/fd", "-type", "l", "-printf", "%f %l\\n"])).stdout;
    const held = await until(listing, (lines) => !/ \/etc\//.test(lines), "init to close what it inherited");
    t.match(held, /^0 /m);
    t.notMatch(held, /^(7|9|200) /m, `errno ${errno}`);
  }
});

onBoth(t, "what may be executed is what execve would run", async (t, executable) => {
  // Root's alone: the user executes it by CAP_DAC_OVERRIDE, which execve looks at and access(2) does not.
  const script = [
    "mkdir -m 700 /private; cp /bin/true /private/tool; chmod 700 /private/tool",
    "PATH=/private:$PATH tsgosu --exec --caps dac_override 1000:1000 tool && echo by name",
    "tsgosu --exec --caps dac_override 1000:1000 /private/tool && echo by path",
    "tsgosu --exec 1000:1000 /private/tool",
    "echo without: $?",
  ].join("; ");
  const ran = await run(executable, ["-c", script], { entrypoint: "sh" });
  t.equal(ran.stdout, "by name\nby path\nwithout: 126\n");
  // A kernel before Linux 5.8 has access(2) alone.
  const flags = [refusing(t, { name: "faccessat2", errno: ENOSYS })];
  const old = await run(executable, ["1000:1000", "echo", "ran"], { flags });
  t.same({ code: old.code, stdout: old.stdout }, { code: 0, stdout: "ran\n" });
});

const PR_SET_CHILD_SUBREAPER = 36;

onBoth(t, "a subreaper that the kernel refuses is called that", async (t, executable) => {
  const flags = [refusing(t, { name: "prctl", option: PR_SET_CHILD_SUBREAPER, errno: EPERM })];
  for (const option of ["--subreaper", "--orphans=stop", "--orphans=reap"]) {
    const script = `tsgosu --init ${option} 1000:1000 sh -c 'exit 3'; echo $?`;
    const ran = await run(executable, ["-c", script], { entrypoint: "sh", flags });
    t.equal(ran.stdout, "3\n", option);
    t.equal(
      ran.stderr,
      "tsgosu: orphans cannot be reaped: the kernel refuses to make init a subreaper: operation not permitted\n",
      option,
    );
  }
});

onBoth(t, "an init that may not wait for children, or tell the time, ends with a line", async (t, executable) => {
  for (const [name, what, options] of [
    ["wait4", "wait for children", []],
    // Only an init that does something at a certain time asks for the time.
    ["clock_gettime", "tell the time: clock_gettime", ["--grace", "1"]],
  ] as const) {
    const flags = [refusing(t, { name, errno: EPERM })];
    // The command does not run a child of its own, which it could not wait for either.
    const ran = await run(executable, [...options, "1000:1000", "sh", "-c", "exit 3"], { flags });
    t.equal(ran.code, 125, name);
    t.match(ran.stderr, new RegExp(`^tsgosu: cannot ${what}: operation not permitted\ntsgosu: hint: .*${name}`), name);
  }
});
