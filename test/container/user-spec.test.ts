// Who a user-spec names (DESIGN §3), in a container with its own passwd and group files.

import t from "tap";
import { type Case, runCases } from "../support/cases.ts";
import { onBoth } from "../support/executables.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
# comment:x:1:1::/comment:
a line without any colon
app:x:1000:1000:The App:/home/app:/bin/sh
twin:x:1001:1001::/first:
twin:x:2002:2002::/second:
same:x:1000:3000::/same:
nohome:x:1002:1002:::
4242:x:1003:1003::/digits:
big:x:4294967294:4294967294::/big:
toobig:x:4294967295:1::/toobig:
negative:x:-1:1::/negative:
words:x:one:two::/words:
short:x:1004
short:x:1005:1005::/later:
::1234:1234::/empty:
   padded:x:1006:1006::/padded:/bin/sh  \r
j\xc3\xb6rg:x:1007:1007::/umlaut:
a b:x:1008:1008::/space:
\xff\xfe:x:1009:1009::/bytes:
-dash:x:1010:1010::/dash:
last:x:1011:1011::/last:/bin/sh`;

const GROUP = `root:x:0:
app:x:1000:
staff:x:50:app,twin
extra:x:5000:other,app
more:x:5001:app
again:x:5000:app
part:x:6000:appx,xapp
words:x:number:app
toobig:x:4294967295:app
twin:x:7001:
twin:x:7002:
short:x
three:x:8000
padded:x:8001:app2,app3  \r
`;

/** A case and what must come of it: whom `probe who` sees, or the error that stops tsgosu. */
interface SpecCase {
  readonly spec: string;
  /** What distinguishes it from other cases with the same user-spec. */
  readonly when?: string;
  /** A script that changes the files first. */
  readonly files?: string;
  readonly who?: string;
  readonly error?: RegExp;
  /** tsgosu's options before the user-spec. */
  readonly options?: string;
}

function identity(uid: number, gid: number, groups: string, home: string): string {
  return `uid=${uid},${uid},${uid} gid=${gid},${gid},${gid} groups=${groups} home=${home}\n`;
}

const APP = identity(1000, 1000, "50,5000,5001", "/home/app");

const TABLE: readonly SpecCase[] = [
  // Names and numbers, alone.
  { spec: "app", who: APP },
  { spec: "app:", who: APP },
  { spec: "1000", who: APP },
  { spec: "1000:", who: APP },
  { spec: "root", who: identity(0, 0, "", "/root") },
  { spec: "0", who: identity(0, 0, "", "/root") },
  { spec: "4711", who: identity(4711, 0, "", "/") },
  { spec: "twin", who: identity(1001, 1001, "50", "/first") },
  { spec: "2002", who: identity(2002, 2002, "50", "/second") },
  { spec: "nohome", who: identity(1002, 1002, "", "/") },
  { spec: "4242", who: identity(4242, 0, "", "/") },
  { spec: "1003", who: identity(1003, 1003, "", "/digits") },
  { spec: "big", who: identity(4294967294, 4294967294, "", "/big") },
  { spec: "4294967293", who: identity(4294967293, 0, "", "/") },
  { spec: "010", who: identity(10, 0, "", "/") },
  { spec: "0000000000000000000000001000", who: APP },
  { spec: "last", who: identity(1011, 1011, "", "/last") },
  // Lines that do not parse, and names that are bytes.
  { spec: "short", who: identity(1005, 1005, "", "/later") },
  { spec: "padded", who: identity(1006, 1006, "", "/padded") },
  { spec: "j\xc3\xb6rg", who: identity(1007, 1007, "", "/umlaut") },
  { spec: "a b", who: identity(1008, 1008, "", "/space") },
  { spec: "\xff\xfe", who: identity(1009, 1009, "", "/bytes") },
  { spec: "-dash", options: "--", who: identity(1010, 1010, "", "/dash") },
  { spec: "1234", who: identity(1234, 0, "", "/") },
  { spec: "1004", who: identity(1004, 0, "", "/") },
  // With a group: no supplementary ones.
  { spec: "app:app", who: identity(1000, 1000, "", "/home/app") },
  { spec: "app:staff", who: identity(1000, 50, "", "/home/app") },
  { spec: "app:0", who: identity(1000, 0, "", "/home/app") },
  { spec: "app:12345", who: identity(1000, 12345, "", "/home/app") },
  { spec: "app:twin", who: identity(1000, 7001, "", "/home/app") },
  { spec: "app:three", who: identity(1000, 8000, "", "/home/app") },
  { spec: "app:padded", who: identity(1000, 8001, "", "/home/app") },
  { spec: "1000:1000", who: identity(1000, 1000, "", "/home/app") },
  { spec: "4711:4712", who: identity(4711, 4712, "", "/") },
  { spec: "4711:part", who: identity(4711, 6000, "", "/") },
  { spec: "4294967294:4294967294", who: identity(4294967294, 4294967294, "", "/big") },
  // Nothing at all is a variable that is not set. Empty parts: the current user.
  { spec: "", error: /^tsgosu: the user-spec is empty\ntsgosu: hint: [^\n]*\n$/ },
  { spec: ":", who: identity(0, 0, "", "/root") },
  { spec: ":staff", who: identity(0, 50, "", "/root") },
  { spec: ":1234", who: identity(0, 1234, "", "/root") },
  // What nobody is called.
  { spec: "nosuch", error: /^tsgosu: user 'nosuch': no such user in \/etc\/passwd\ntsgosu: hint: .+\n$/ },
  { spec: "staff", error: /^tsgosu: user 'staff': no such user/ },
  {
    spec: "toobig",
    error:
      /^tsgosu: user 'toobig': line 11 of \/etc\/passwd is skipped, because its UID is '4294967295'\ntsgosu: hint: .+\n$/,
  },
  {
    spec: "negative",
    error: /^tsgosu: user 'negative': line 12 of \/etc\/passwd is skipped, because its UID is '-1'\n/,
  },
  { spec: "words", error: /^tsgosu: user 'words': line 13 of \/etc\/passwd is skipped, because its UID is 'one'\n/ },
  { spec: "# comment", error: /^tsgosu: user '# comment': no such user/ },
  { spec: "+1000", error: /^tsgosu: user '\+1000': no such user/ },
  { spec: "1000 ", error: /^tsgosu: user '1000 ': no such user/ },
  { spec: "0x3e8", error: /^tsgosu: user '0x3e8': no such user/ },
  { spec: "-1", options: "--", error: /^tsgosu: user '-1': no such user/ },
  { spec: "App", error: /^tsgosu: user 'App': no such user/ },
  { spec: "app:nosuch", error: /^tsgosu: group 'nosuch': no such group in \/etc\/group\ntsgosu: hint: .+\n$/ },
  {
    spec: "app:words",
    error: /^tsgosu: group 'words': line 8 of \/etc\/group is skipped, because its GID is 'number'\n/,
  },
  {
    spec: "app:toobig",
    error: /^tsgosu: group 'toobig': line 9 of \/etc\/group is skipped, because its GID is '4294967295'\n/,
  },
  { spec: "app:short", error: /^tsgosu: group 'short': line 12 of \/etc\/group is skipped, because its GID is ''\n/ },
  { spec: "4294967295", error: /^tsgosu: .*4294967295.*range\ntsgosu: hint: .*0 to 4294967294\n$/ },
  { spec: "4294967296", error: /out of range\n.*0 to 4294967294\n$/ },
  { spec: "99999999999999999999999999", error: /out of range\n.*0 to 4294967294\n$/ },
  { spec: "app:4294967295", error: /group ID 4294967295 is out of range/ },
  { spec: "a:b:c", error: /^tsgosu: user-spec 'a:b:c': / },
  { spec: "no\nsuch\x1b[2J", error: /^tsgosu: user 'no\\x0asuch\\x1b\[2J': no such user in \/etc\/passwd\n/ },
  // Files that are not there: numbers need none.
  { spec: "1000", when: "no passwd", files: "rm /etc/passwd", who: identity(1000, 0, "", "/") },
  { spec: "app", when: "no passwd", files: "rm /etc/passwd", error: /user 'app': \/etc\/passwd does not exist/ },
  { spec: "4711:staff", when: "no passwd", files: "rm /etc/passwd", who: identity(4711, 50, "", "/") },
  { spec: ":", when: "no passwd", files: "rm /etc/passwd", who: identity(0, 0, "", "/") },
  { spec: "app", when: "no group", files: "rm /etc/group", who: identity(1000, 1000, "", "/home/app") },
  { spec: "app:staff", when: "no group", files: "rm /etc/group", error: /group 'staff': \/etc\/group does not exist/ },
  { spec: "4711:4712", when: "neither", files: "rm /etc/passwd /etc/group", who: identity(4711, 4712, "", "/") },
  { spec: "1000", when: "empty files", files: ": >/etc/passwd; : >/etc/group", who: identity(1000, 0, "", "/") },
  { spec: "app", when: "dangling link", files: "ln -sf /nowhere /etc/passwd", error: /\/etc\/passwd does not exist/ },
  // Files that are none.
  {
    spec: "app",
    when: "passwd a directory",
    files: "rm /etc/passwd; mkdir /etc/passwd",
    error: /^tsgosu: \/etc\/passwd: (is a directory|not a regular file)/,
  },
  {
    spec: "1000",
    when: "passwd a directory",
    files: "rm /etc/passwd; mkdir /etc/passwd",
    error: /^tsgosu: \/etc\/passwd: /,
  },
  {
    spec: "app",
    when: "group a directory",
    files: "rm /etc/group; mkdir /etc/group",
    error: /^tsgosu: \/etc\/group: /,
  },
  {
    spec: "app:5",
    when: "group a directory, not needed",
    files: "rm /etc/group; mkdir /etc/group",
    who: identity(1000, 5, "", "/home/app"),
  },
  { spec: "app", when: "passwd endless", files: "ln -sf /dev/zero /etc/passwd", error: /^tsgosu: \/etc\/passwd: / },
  { spec: "1000", when: "passwd endless", files: "ln -sf /dev/zero /etc/passwd", error: /^tsgosu: \/etc\/passwd: / },
  { spec: "app", when: "group endless", files: "ln -sf /dev/zero /etc/group", error: /^tsgosu: \/etc\/group: / },
  {
    spec: "app",
    when: "passwd a FIFO",
    files: "rm /etc/passwd; mkfifo /etc/passwd",
    error: /^tsgosu: \/etc\/passwd: /,
  },
  {
    spec: "app",
    when: "passwd of 1 TiB",
    files: "truncate -s 1T /etc/passwd",
    error: /^tsgosu: \/etc\/passwd: larger than /,
  },
  {
    spec: "app",
    when: "passwd a loop of links",
    files: "rm /etc/passwd; ln -s passwd /etc/passwd",
    error: /^tsgosu: \/etc\/passwd: /,
  },
  // The last line has no newline, and what it ends with holds the name: a read beyond it would end the static executable.
  {
    spec: "app",
    when: "the last member of the last group ends with the name",
    files: "printf web:x:77:webapp >>/etc/group",
    who: APP,
  },
  {
    spec: "app",
    when: "the last member of the last group is the user",
    files: "printf web:x:77:app >>/etc/group",
    who: identity(1000, 1000, "50,77,5000,5001", "/home/app"),
  },
  {
    spec: "app",
    when: "the last group ends after the name",
    files: "printf app >>/etc/group",
    who: APP,
  },
  {
    spec: "web",
    when: "the last user ends after the name",
    files: "printf '\nweb' >>/etc/passwd",
    error: /no such user/,
  },
  {
    spec: "77",
    when: "the last user ends after the UID",
    files: "printf '\nweb:x:77' >>/etc/passwd",
    who: identity(77, 0, "", "/"),
  },
  // Files that are large or strange.
  {
    spec: "user99999",
    when: "100,000 lines",
    files: `awk 'BEGIN { for (i = 0; i < 100000; i++) printf "user%d:x:%d:%d::/home/%d:/bin/sh\\n", i, i + 10000, i + 20000, i }' >/etc/passwd`,
    who: identity(109999, 119999, "", "/home/99999"),
  },
  {
    spec: "app",
    when: "100,000 groups",
    files: `awk 'BEGIN { for (i = 0; i < 100000; i++) printf "group%d:x:%d:some,members\\n", i, i + 10000; print "own:x:77:app" }' >/etc/group`,
    who: identity(1000, 1000, "77", "/home/app"),
  },
  {
    spec: "app",
    when: "in 300 groups",
    files: `awk 'BEGIN { for (i = 0; i < 300; i++) printf "group%d:x:%d:app\\n", i, i + 10000 }' >/etc/group`,
    who: identity(1000, 1000, Array.from({ length: 300 }, (_, at) => `${at + 10000}`).join(","), "/home/app"),
  },
  {
    spec: "app",
    when: "in more groups than the kernel has room for",
    files: `awk 'BEGIN { for (i = 0; i < 66000; i++) printf "group%d:x:%d:app\\n", i, i + 10000 }' >/etc/group`,
    error: /^tsgosu: cannot become 1000:1000/,
  },
  {
    spec: "app",
    when: "a line of 10 MB before",
    files: `{ head -c 10000000 /dev/zero | tr '\\0' x; echo; cat /tmp/passwd; } >/etc/passwd`,
    who: APP,
  },
  {
    spec: "app",
    when: "a megabyte of binary before",
    files: `{ head -c 1000000 /usr/bin/perl; echo; cat /tmp/passwd; } >/etc/passwd`,
    who: APP,
  },
  { spec: "app", when: "lines that end with CR LF", files: "sed -i 's/$/\\r/' /etc/passwd /etc/group", who: APP },
  {
    spec: "app",
    when: "a NUL in the line before",
    files: "{ printf 'app\\0:x:1:1::/:\\n'; cat /tmp/passwd; } >/etc/passwd",
    who: APP,
  },
];

const RESTORE = `
[ -e /tmp/passwd ] || cat >/tmp/passwd <<'END'
${PASSWD}
END
[ -e /tmp/group ] || cat >/tmp/group <<'END'
${GROUP}END
rm -rf /etc/passwd /etc/group
head -c -1 /tmp/passwd >/etc/passwd
cp /tmp/group /etc/group`;

/** Processor time, with a file of 100,000 lines. */
const SLOWEST_MS = 4000;

function nameOf(one: SpecCase): string {
  return JSON.stringify(one.spec) + (one.when === undefined ? "" : `, ${one.when}`);
}

/** As bash writes any bytes. */
function quoted(bytes: string): string {
  return `'${bytes.replaceAll("'", "'\\''")}'`;
}

function caseOf(one: SpecCase): Case {
  const script = `${one.files ?? ":"}\ntimeout 60 tsgosu ${one.options ?? ""} ${quoted(one.spec)} probe who`;
  return { name: nameOf(one), script };
}

onBoth(t, "the user-spec table", async (t, executable) => {
  const results = await runCases(executable, TABLE.map(caseOf), { before: RESTORE });
  for (const one of TABLE) {
    const { code, stdout, stderr, cpuMs } = results.get(nameOf(one)) ?? { code: -1, stdout: "", stderr: "", cpuMs: 0 };
    if (one.who !== undefined) t.same({ code, stdout, stderr }, { code: 0, stdout: one.who, stderr: "" }, nameOf(one));
    else {
      t.same({ code, stdout }, { code: 125, stdout: "" }, `${nameOf(one)}: an error, and the command does not run`);
      t.match(stderr, one.error, `${nameOf(one)}: the error`);
    }
    if (cpuMs > SLOWEST_MS) t.fail(`${nameOf(one)} takes ${cpuMs} ms of processor time`);
  }
});
