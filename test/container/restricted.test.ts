// Containers that allow little: no capability, a read-only root, user namespaces, little memory, almost no files.

import t from "tap";
import { ensureImage } from "../../scripts/images.ts";
import { type Case, runCases } from "../support/cases.ts";
import { compiled } from "../support/compile.ts";
import { baseImage, engine, MAPPED, MAY_MOUNT, run, start } from "../support/containers.ts";
import { onBoth, onStatic } from "../support/executables.ts";

const MODES = ["--init", "--exec"];
const WHO_1000 = /^uid=1000,1000,1000 gid=1000,1000,1000 groups=1000 home=\/\n$/;

for (const mode of MODES) {
  onBoth(t, `a read-only root, ${mode}`, async (t, executable) => {
    const ran = await run(executable, [mode, "1000:1000", "probe", "who"], { flags: ["--read-only"] });
    t.match(ran.stdout, WHO_1000);
    t.same({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: "" });
  });

  onBoth(t, `no capability, no new privileges, and already the user, ${mode}`, async (t, executable) => {
    const flags = ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--user", "1000:1000", "--read-only"];
    const ran = await run(executable, [mode, "1000:1000", "probe", "who"], { flags });
    // Engines put the primary group among the supplementary ones.
    t.match(ran.stdout, /^uid=1000,1000,1000 gid=1000,1000,1000 groups=(1000)? home=\/\n$/);
    t.same({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: "" });
  });

  onBoth(t, `32 MB of memory, ${mode}`, async (t, executable) => {
    const ran = await run(executable, [mode, "1000:1000", "probe", "who"], { flags: ["--memory=32m"] });
    t.match(ran.stdout, WHO_1000);
    t.equal(ran.code, 0);
  });

  onBoth(t, `no more capabilities than switching needs, ${mode}`, async (t, executable) => {
    const flags = ["--cap-drop=ALL", "--cap-add=SETUID", "--cap-add=SETGID"];
    const ran = await run(executable, [mode, "1000:1000", "probe", "who"], { flags });
    t.match(ran.stdout, WHO_1000);
    t.same({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: "" });
  });
}

onBoth(t, "32 MB of memory are enough to stay, and to reap 100 orphans", async (t, executable) => {
  const ran = await run(executable, ["1000", "probe", "orphans", "100"], { flags: ["--memory=32m"] });
  t.match(ran.stdout, /\nafter children=1 zombies=0\n$/);
});

onBoth(t, "not permitted to switch: who it is, who was asked for, and the way out", async (t, executable) => {
  const flags = ["--cap-drop=ALL", "--user", "4711:4712"];
  const refused = await run(executable, ["1000:1000", "echo", "ran"], { flags });
  t.same({ code: refused.code, stdout: refused.stdout }, { code: 125, stdout: "" });
  t.match(refused.stderr, /^tsgosu: cannot become 1000:1000: tsgosu runs as 4711:4712.*\ntsgosu: hint: .*--if-root\n$/);
  const allowed = await run(executable, ["--if-root", "1000:1000", "probe", "who"], { flags });
  t.match(allowed.stdout, /^uid=4711,4711,4711 gid=4712,4712,4712 /);
  t.equal(allowed.code, 0);
});

onBoth(t, "groups that the platform gives to every process of a pod are kept", async (t, executable) => {
  const flags = ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--user", "1000:1000", "--group-add", "5000"];
  const kept = /^uid=1000,1000,1000 gid=1000,1000,1000 groups=(1000,)?5000 home=\/\n$/;
  for (const options of [["--exec"], ["--init"], ["--restricted"]]) {
    const ran = await run(executable, [...options, "1000:1000", "probe", "who"], { flags });
    t.match(ran.stdout, kept, options.join(" "));
    t.same({ code: ran.code, stderr: ran.stderr }, { code: 0, stderr: "" }, options.join(" "));
  }
  const check = await run(executable, ["--check", "--json", "1000:1000"], { flags });
  t.match(check.stdout, /"uid":"1000","gid":"1000","groups":"(1000,)?5000"/);
  const roots = await run(executable, ["1000:1000", "echo", "ran"], { flags: [...flags, "--group-add", "0"] });
  t.same({ code: roots.code, stdout: roots.stdout }, { code: 125, stdout: "" }, "but not root's");
  t.match(roots.stderr, /^tsgosu: cannot become 1000:1000: tsgosu runs as 1000:1000 with groups 0,5000, and only root/);
});

onBoth(t, "root without the capability to switch", async (t, executable) => {
  const none = await run(executable, ["1000:1000", "echo", "ran"], { flags: ["--cap-drop=ALL"] });
  t.same({ code: none.code, stdout: none.stdout }, { code: 125, stdout: "" });
  t.match(none.stderr, /^tsgosu: cannot become 1000:1000: .*capability.*\ntsgosu: hint: .*SETGID/);
  const half = await run(executable, ["1000:1000", "echo", "ran"], { flags: ["--cap-drop=ALL", "--cap-add=SETGID"] });
  t.same({ code: half.code, stdout: half.stdout }, { code: 125, stdout: "" });
  t.match(half.stderr, /setresuid.*\ntsgosu: hint: .*SETUID/);
});

const WIDE = "'0 100000 65536'";
const NARROW = "'0 100000 1000,2000 200000 10'";

onBoth(t, "user namespaces", async (t, executable) => {
  const tsgosu = (maps: string, setgroups: string, words: string): string =>
    `probe namespace ${maps} ${setgroups} tsgosu ${words}`;
  const cases: readonly (Case & { readonly expect: RegExp; readonly code: number })[] = [
    { name: "mapped", script: tsgosu(`${WIDE} ${WIDE}`, "allow", "1000:1000 probe who"), code: 0, expect: WHO_1000 },
    {
      name: "mapped, as init",
      script: tsgosu(`${WIDE} ${WIDE}`, "allow", "--init 1000:1000 probe who"),
      code: 0,
      expect: WHO_1000,
    },
    {
      name: "the last that is mapped",
      script: tsgosu(`${WIDE} ${WIDE}`, "allow", "65535:65535 probe who"),
      code: 0,
      expect: /^uid=65535,65535,65535 /,
    },
    {
      name: "UID not mapped",
      script: tsgosu(`${WIDE} ${WIDE}`, "allow", "65536:1000 echo ran"),
      code: 125,
      expect: /^tsgosu: cannot become 65536:1000: UID 65536 is not mapped .*0-65535.*\ntsgosu: hint: /,
    },
    {
      name: "GID not mapped",
      script: tsgosu(`${WIDE} ${WIDE}`, "allow", "1000:70000 echo ran"),
      code: 125,
      expect: /^tsgosu: cannot become 1000:70000: GID 70000 is not mapped .*0-65535/,
    },
    {
      name: "a supplementary GID not mapped",
      script: `echo 'app:x:1000:1000::/:' >>/etc/passwd; echo 'far:x:70000:app' >>/etc/group; ${tsgosu(`${WIDE} ${WIDE}`, "allow", "app echo ran")}`,
      code: 125,
      expect: /^tsgosu: cannot become 1000:1000 with groups 70000: GID 70000 is not mapped/,
    },
    {
      name: "several ranges",
      script: tsgosu(`${NARROW} ${NARROW}`, "allow", "1500:0 echo ran"),
      code: 125,
      expect: /UID 1500 is not mapped .*0-999, 2000-2009/,
    },
    {
      name: "in the second range",
      script: tsgosu(`${NARROW} ${NARROW}`, "allow", "2009:2009 probe who"),
      code: 0,
      expect: /^uid=2009,2009,2009 /,
    },
    {
      name: "setgroups denied",
      script: tsgosu(`${WIDE} ${WIDE}`, "deny", "1000:1000 echo ran"),
      code: 125,
      expect: /^tsgosu: cannot become 1000:1000: setgroups is denied in this user namespace.*\ntsgosu: hint: /,
    },
  ];
  const results = await runCases(executable, cases, { flags: MAY_MOUNT });
  for (const { name, code, expect } of cases) {
    const result = results.get(name);
    t.equal(result?.code, code, `${name}: exit code`);
    t.match(code === 0 ? result?.stdout : result?.stderr, expect, name);
    if (code !== 0) t.equal(result?.stdout, "", `${name}: the command does not run`);
  }
});

onBoth(t, "a container in a user namespace", async (t, executable) => {
  const mapped = await run(executable, ["1000:1000", "probe", "who"], { flags: MAPPED });
  t.match(mapped.stdout, /^uid=1000,1000,1000 gid=1000,1000,1000 /);
  t.equal(mapped.code, 0);
  const unmapped = await run(executable, ["70000:1000", "echo", "ran"], { flags: MAPPED });
  t.equal(unmapped.code, 125);
  t.match(unmapped.stderr, /UID 70000 is not mapped/);
});

onBoth(t, "an installation that gives its caller privilege is refused", async (t, executable) => {
  const asUser = "setpriv --reuid 4711 --regid 4711 --clear-groups";
  const installed = (how: string, caller: string): string =>
    `cp /usr/local/bin/tsgosu /x; ${how}; ${caller} /x 1000:1000 echo ran`;
  const cases: readonly (Case & { readonly what: RegExp })[] = [
    { name: "setuid", script: installed("chmod 4755 /x", asUser), what: /setuid/ },
    { name: "setgid", script: installed("chmod 2755 /x", asUser), what: /setgid/ },
    { name: "file capabilities", script: installed("probe capability /x", asUser), what: /file capabilities/ },
    { name: "setuid, by root", script: installed("chmod 4755 /x", ""), what: /setuid/ },
    { name: "setuid of another user", script: installed("chown 1000 /x; chmod 4755 /x", asUser), what: /setuid/ },
    {
      name: "setuid, by a link called gosu",
      script: `${installed("chmod 4755 /x", "true")}; ln -s /x /gosu; ${asUser} /gosu 1000 echo ran`,
      what: /setuid/,
    },
    {
      name: "setuid and --if-root",
      script: `${installed("chmod 4755 /x", "true")}; ${asUser} /x --if-root 1000 echo ran`,
      what: /setuid/,
    },
  ];
  const results = await runCases(executable, cases, { before: "rm -f /x /gosu" });
  for (const { name, what } of cases) {
    const { code, stdout, stderr } = results.get(name) ?? { code: -1, stdout: "", stderr: "" };
    t.same({ code, stdout }, { code: 125, stdout: "" }, `${name}: refused`);
    t.match(stderr, /^tsgosu: refus.*\ntsgosu: hint: /, `${name}: a refusal`);
    t.match(stderr, what, `${name}: which`);
  }
  // The Node executable starts itself with this word where an init's command has to know its own PID.
  const script = `cp /usr/local/bin/tsgosu /x; chmod 4755 /x; LISTEN_PID=0000000000 ${asUser} /x --as-listener id -u`;
  const ran = await run(executable, ["-c", script], { entrypoint: "sh" });
  t.same({ code: ran.code, stdout: ran.stdout }, { code: 125, stdout: "" }, "by the word of an init's child");
  t.match(
    ran.stderr,
    executable.name === "sea" ? /^tsgosu: refusing to run with setuid/ : /^tsgosu: --as-listener: unknown option/,
  );
});

/** A root with the system's programs and libraries and /proc, but without /etc. */
const ROOT_WITHOUT_ETC = `if [ ! -d /r ]; then mkdir -p /r/usr /r/proc /r/dev
mount --rbind /usr /r/usr; mount --rbind /proc /r/proc; mount --rbind /dev /r/dev
for name in lib lib64 bin; do ln -s usr/$name /r/$name; done; fi`;

onBoth(t, "no /etc at all", async (t, executable) => {
  const results = await runCases(
    executable,
    [
      { name: "number", script: "chroot /r tsgosu 1000:1000 probe who" },
      { name: "name", script: "chroot /r tsgosu app echo ran" },
    ],
    { before: ROOT_WITHOUT_ETC, flags: MAY_MOUNT },
  );
  t.match(results.get("number")?.stdout, WHO_1000);
  t.equal(results.get("name")?.code, 125);
  t.match(results.get("name")?.stderr, /^tsgosu: user 'app': \/etc\/passwd does not exist\n/);
});

onStatic(t, "neither /etc nor /proc", async (t, executable) => {
  const script =
    "mkdir /r; cp /usr/local/bin/tsgosu /usr/local/bin/probe /r; chroot /r /tsgosu 1000:1000 /probe who; chroot /r /tsgosu --init 1000:1000 /probe exit 7; echo $?";
  const results = await runCases(executable, [{ name: "number", script }]);
  t.match(results.get("number")?.stdout, /^uid=1000,1000,1000 .*\n7\n$/);
});

onStatic(t, "a scratch image with nothing but tsgosu and one static program", async (t, executable) => {
  const image = ensureImage(engine, "tsgosu-test-scratch", [
    {
      name: "Dockerfile",
      text: 'FROM scratch\nCOPY tsgosu probe /\nENTRYPOINT ["/tsgosu", "1000:1000"]\nCMD ["/probe", "who"]\n',
    },
    { name: "tsgosu", path: executable.path, mode: 0o755 },
    { name: "probe", path: compiled("probe"), mode: 0o755 },
  ]);
  const who = await run(executable, [], { image });
  t.match(who.stdout, /^uid=1000,1000,1000 gid=1000,1000,1000 groups=1000 /);
  t.same({ code: who.code, stderr: who.stderr }, { code: 0, stderr: "" });
  t.match((await run(executable, ["/probe", "place"], { image })).stdout, /^pid=\d+ ppid=1 leads=1 /);
  t.match((await run(executable, ["/probe", "orphans", "20"], { image })).stdout, /\nafter children=1 zombies=0\n$/);
  t.equal((await run(executable, ["/probe", "exit", "42"], { image })).code, 42);
  t.equal((await run(executable, ["/nosuch"], { image })).code, 127);
  const name = await run(executable, ["app", "/probe", "who"], { image, entrypoint: "/tsgosu" });
  t.same({ code: name.code, stdout: name.stdout }, { code: 125, stdout: "" });
  t.match(name.stderr, /^tsgosu: user 'app': /);
});

onBoth(t, "an image that copies it, with a name and an entrypoint", async (t, executable) => {
  const image = ensureImage(engine, `tsgosu-test-${executable.name}`, [
    {
      name: "Dockerfile",
      text: `FROM ${baseImage}\nCOPY passwd group /etc/\nCOPY tsgosu /usr/local/bin/\nENTRYPOINT ["tsgosu", "app"]\nCMD ["sh", "-c", "id; echo $HOME"]\n`,
    },
    { name: "passwd", text: "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n" },
    { name: "group", text: "root:x:0:\napp:x:1001:\nweb:x:33:app\n" },
    { name: "tsgosu", path: executable.path, mode: 0o755 },
  ]);
  const ran = await run(executable, [], { image });
  t.equal(ran.stdout, "uid=1000(app) gid=1001(app) groups=1001(app),33(web)\n/home/app\n");
  t.equal(ran.code, 0);
  const container = await start(t, executable, ["sh", "-c", "echo ready; exec sleep 600"], { image });
  await container.waitForLog("ready");
  await container.stop();
  t.equal(await container.wait(), 143, "SIGTERM ends it");
});
