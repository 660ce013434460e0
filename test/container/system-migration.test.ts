// Every "after" of the migration guide, built as it stands there and run.

import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { PROJECT } from "../../scripts/host.ts";
import { ensureReleaseImage } from "../../scripts/release-image.ts";
import { buildDockerfile } from "../../scripts/systems.ts";
import { baseImage, callEngine, engine, type Ran } from "../support/containers.ts";
import { onStatic } from "../support/executables.ts";

const WHO = 'echo "$(id -un) $HOME $(cat /proc/1/comm) $USER"; grep NoNewPrivs /proc/self/status; stat -c %U /proc/1';

/** The "after" of each section, by the section's title. */
function afters(): Map<string, string> {
  const readme = readFileSync(join(PROJECT, "docker", "migration", "README.md"), "utf8");
  const sections = readme.split(/^## /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [, dockerfile = ""] = /^```dockerfile after\n(.*?)^```$/ms.exec(section) ?? [];
      return [section.slice(0, section.indexOf("\n")), dockerfile];
    }),
  );
}

/** What a registry calls alpine:3, as far as the guide uses it: busybox, and no glibc. Debian's busybox has no adduser. */
const ALPINE = `FROM ${baseImage} AS debian
RUN apt-get update -q && apt-get install -q -y --no-install-recommends busybox-static && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /alpine/bin /alpine/etc /alpine/home /alpine/proc /alpine/tmp /alpine/usr/local/bin \\
 && cp /bin/busybox /alpine/bin/ && for name in $(busybox --list | grep -vx busybox); do ln -sf busybox /alpine/bin/$name; done \\
 && echo root:x:0:0:root:/root:/bin/sh >/alpine/etc/passwd && echo root:x:0: >/alpine/etc/group \\
 && printf '#!/bin/sh\\necho "$2:x:1000:1000::/home/$2:/bin/sh" >>/etc/passwd\\necho "$2:x:1000:" >>/etc/group\\n' >/alpine/bin/adduser \\
 && chmod 755 /alpine/bin/adduser
FROM scratch
COPY --from=debian /alpine /
ENV PATH=/usr/local/bin:/bin
`;

onStatic(t, "every after of the guide runs its command as app", async (t) => {
  const tsgosu = ensureReleaseImage(engine, "amd64");
  const alpine = "localhost/tsgosu-alpine";
  buildDockerfile(engine, alpine, ALPINE);
  const all = afters();
  t.same(
    [...all.keys()],
    ["gosu", "su-exec", "su", "sudo", "tini", "A usermod script, fixuid", "A PUID and PGID script"],
  );
  const project = mkdtempSync(join(tmpdir(), "tsgosu-work-"));
  t.teardown(() => rmSync(project, { recursive: true }));
  if (process.getuid?.() === 0) chownSync(project, 4242, 4242);
  mkdirSync(join(project, "of-the-host"));

  const results = new Map<string, Ran>();
  for (const [title, dockerfile] of all) {
    const tag = `localhost/tsgosu-migration-${title.toLowerCase().replaceAll(/\W+/g, "-")}`;
    const local = dockerfile
      .replace("debian:bookworm-slim", baseImage)
      .replace("alpine:3", alpine)
      .replace("--from=tsgosu", `--from=${tsgosu}`);
    buildDockerfile(engine, tag, local);
    const flags = ["run", "--rm", "--network=none", "-e", "PUID=4711", "-e", "PGID=4712", "-v", `${project}:/app`, tag];
    results.set(
      title,
      await callEngine([...flags, "sh", "-c", `${WHO}; stat -c %U /data 2>/dev/null; id -u; touch /app/made`]),
    );
  }
  for (const [title, { stdout, stderr }] of results) {
    t.match(stdout, /^app \/home\/app tsgosu( app)? *\n/, `${title}: ${stderr}`);
    t.match(stdout, /^(app|UNKNOWN)\n/m, `${title}: PID 1 is the user's too`);
  }
  t.match(results.get("gosu")?.stdout, /^app\n\d+\n$/m, "the volume is handed over");
  t.match(results.get("su")?.stdout, /^app \/home\/app tsgosu app\n/, "USER is set");
  t.match(results.get("sudo")?.stdout, /^NoNewPrivs:\t1$/m);
  t.match(
    results.get("A usermod script, fixuid"),
    { code: 0, stdout: /^4242\n$/m },
    "files belong to the owner of the folder",
  );
  t.match(results.get("A PUID and PGID script")?.stdout, /^4711\n$/m, "the user has the UID of PUID");
  t.match(results.get("tini"), { code: 1 }, "others may not write there");
});
