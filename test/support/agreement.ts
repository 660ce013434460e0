// docs/agreement.md: in what tsgosu differs from gosu and Docker about whom a user-spec means, and why.

import type { Agreement } from "./agree.ts";
import { RULES } from "./moby.ts";

/** The document, with the figures of a run. */
export function agreementText(found: Agreement, specs: number, files: number): string {
  const rows = RULES.map(({ name, gosu, tsgosu, why }) => {
    const { count, example } = found.byRule.get(name) ?? { count: 0, example: "" };
    return `### ${title(name)}

- gosu ${gosu}.
- tsgosu: ${tsgosu}.
- ${why}
- ${count} cases, the first with the user-spec \`${shown(example)}\`.
`;
  });
  return `<!-- Written by scripts/agree.ts. Change test/support/moby.ts, and run \`npm run agree\`. -->
# Whom a user-spec means: tsgosu, gosu and Docker

tsgosu takes a user-spec by the rules of \`docker run --user\`, which gosu has too (moby/sys/user). This is the whole list of the differences.
\`npm run agree\` starts tsgosu, tsgosu under the name gosu, and Debian's gosu with ${specs} user-specs on each of ${files} pairs of passwd and
group files: ordinary ones, missing ones, and such as nobody would write. It compares UID, GID, supplementary groups, HOME, and whether the
command ran at all. Each of the ${found.runs} answers has to be exactly what the rules below say; one that is not is a failure of the run,
so that no difference is there by chance. In ${found.differences} of ${specs * files} cases tsgosu and gosu differ. Several rules may have a
part in one case.

A group that the files name twice is one group, and the order of groups is not compared: the kernel sorts them.

## Differences from gosu

${rows.join("\n")}
## Docker

\`docker run --user\` does what gosu does, except that

- the primary GID is among the supplementary groups, as with tsgosu;
- HOME comes from the first line that has the UID, whoever was named: the runtime sets it, and knows the IDs alone. tsgosu takes it from
  the line of the user that was named, as gosu does;
- newer engines refuse every number above 2147483647, whatever the files say, and a second colon, which tsgosu refuses as well.

A group whose name is a number is not compared: the runtime takes another group's number for that name, and gives the command the wrong group.

Where a Docker daemon answers, \`npm run agree\` holds it to this with 40 of the user-specs on 12 of the pairs of files.
`;
}

function title(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** A user-spec as it is, where that is printable; an empty one is said to be empty. */
function shown(spec: string): string {
  return spec === ""
    ? "(empty)"
    : spec.replace(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
