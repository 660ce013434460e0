// user-spec → identity: the rules of docker run --user, case by case (moby/sys/user, user_test.go has the like).

import t from "tap";
import { type AccountFile, findUser, needsGroupFile, resolveIdentity } from "../../src/accounts/identity.ts";
import { parseUserSpec } from "../../src/accounts/spec.ts";
import { Failure } from "../../src/failure.ts";
import { bytesOf } from "../../src/text.ts";

const PASSWD = `root:x:0:0:root:/root:/bin/bash
# a comment: 1:1
daemon:x:1:1::/usr/sbin:/usr/sbin/nologin

app:x:10001:10001:The app,,,:/home/app:/bin/sh
second:x:10001:20002::/home/second:/bin/sh
app:x:30003:30003::/home/other:/bin/sh
nohome:x:10004:10004:::
short:x:10005:10005
broken:x:one:1::/:
nogid:x:10006
minus:x:-1:-1::/:
plus:x:+5:+5::/:
space:x: 6:6::/:
huge:x:4294967295:1::/:
hugegid:x:10007:4294967295::/:
overflow:x:18446744073709551616:0::/:
most:x:4294967294:4294967294::/most:
zeros:x:010008:010008::/zeros:
with space:x:10009:10009::/with space:
\tindented:x:10010:10010::/indented:
crlf:x:10011:10011::/crlf:/bin/sh\r
ümläut:x:10012:10012::/ü:
1234:x:10013:10013::/digits:
:x:0:0::/nameless:
::0:0
toor:x:0:0::/toor:
lone
+nis
trailing:x:10014:10014::/trailing:`;

const GROUP = `root:x:0:
daemon:x:1:
audio:x:29:app,other
video:x:44:other,app
app:x:10001:
twice:x:29:app
empty:x:50:
comma:x:51:,app,
prefix:x:52:apple,ap
broken:x:abc:app
huge:x:4294967295:app
root2:x:60:root
crlf:x:61:app\r
cdrom:x:24:app:other
1234:x:62:
ümläut:x:63:app
:x:0:app
`;

function file(path: string, text: string | null): AccountFile {
  return { path, exists: text !== null, bytes: Buffer.from(text ?? "", "utf8") };
}

/** What a spec comes to, in short: `uid:gid [groups] home`, or the error. */
function resolve(spec: string, passwd: string | null = PASSWD, group: string | null = GROUP): string {
  try {
    const parsed = parseUserSpec(Buffer.from(spec, "utf8").toString("latin1"));
    const user = findUser(parsed, file("/etc/passwd", passwd), 1);
    const groups = needsGroupFile(parsed, user) ? file("/etc/group", group) : file("/etc/group", null);
    const identity = resolveIdentity(parsed, user, groups, 7);
    const home = Buffer.from(bytesOf(identity.home)).toString("utf8");
    return `${identity.uid}:${identity.gid} [${identity.groups.join(",")}] ${home}`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return Buffer.from(error.message, "latin1").toString("utf8");
  }
}

const CASES: readonly (readonly [spec: string, expected: string])[] = [
  // names
  ["root", "0:0 [60] /root"],
  ["daemon", "1:1 [] /usr/sbin"],
  ["app", "10001:10001 [29,44,51,61,24,63] /home/app"],
  ["app:", "10001:10001 [29,44,51,61,24,63] /home/app"],
  ["second", "10001:20002 [] /home/second"],
  ["nohome", "10004:10004 [] /"],
  ["short", "10005:10005 [] /"],
  ["most", "4294967294:4294967294 [] /most"],
  ["zeros", "10008:10008 [] /zeros"],
  ["with space", "10009:10009 [] /with space"],
  ["indented", "10010:10010 [] /indented"],
  ["crlf", "10011:10011 [] /crlf"],
  ["ümläut", "10012:10012 [] /ü"],
  ["toor", "0:0 [] /toor"],
  ["trailing", "10014:10014 [] /trailing"],
  // lines that do not parse are skipped, and named
  ["broken", "user 'broken': line 10 of /etc/passwd is skipped, because its UID is 'one'"],
  ["nogid", "user 'nogid': line 11 of /etc/passwd is skipped, because its GID is ''"],
  ["minus", "user 'minus': line 12 of /etc/passwd is skipped, because its UID is '-1'"],
  ["plus", "user 'plus': line 13 of /etc/passwd is skipped, because its UID is '+5'"],
  ["space", "user 'space': line 14 of /etc/passwd is skipped, because its UID is ' 6'"],
  ["huge", "user 'huge': line 15 of /etc/passwd is skipped, because its UID is '4294967295'"],
  ["hugegid", "user 'hugegid': line 16 of /etc/passwd is skipped, because its GID is '4294967295'"],
  ["overflow", "user 'overflow': line 17 of /etc/passwd is skipped, because its UID is '18446744073709551616'"],
  ["lone", "user 'lone': line 28 of /etc/passwd is skipped, because its UID is ''"],
  ["# a comment", "user '# a comment': no such user in /etc/passwd"],
  ["+nis", "user '+nis': line 29 of /etc/passwd is skipped, because its UID is ''"],
  ["nobody", "user 'nobody': no such user in /etc/passwd"],
  ["APP", "user 'APP': no such user in /etc/passwd"],
  ["ap", "user 'ap': no such user in /etc/passwd"],
  ["app ", "user 'app ': no such user in /etc/passwd"],
  // numbers
  ["0", "0:0 [60] /root"],
  ["1", "1:1 [] /usr/sbin"],
  ["10001", "10001:10001 [29,44,51,61,24,63] /home/app"],
  ["010001", "10001:10001 [29,44,51,61,24,63] /home/app"],
  ["30003", "30003:30003 [29,44,51,61,24,63] /home/other"],
  ["1234", "1234:7 [] /"],
  ["10013", "10013:10013 [] /digits"],
  ["65534", "65534:7 [] /"],
  ["4294967294", "4294967294:4294967294 [] /most"],
  ["4294967293", "4294967293:7 [] /"],
  ["4294967295", "user-spec '4294967295': user ID 4294967295 is out of range"],
  ["4294967296", "user-spec '4294967296': user ID 4294967296 is out of range"],
  ["18446744073709551616", "user-spec '18446744073709551616': user ID 18446744073709551616 is out of range"],
  ["99999999999999999999999", "user-spec '99999999999999999999999': user ID 99999999999999999999999 is out of range"],
  // not numbers
  ["-1", "user '-1': no such user in /etc/passwd"],
  ["+5", "user '+5': no such user in /etc/passwd"],
  ["0x0", "user '0x0': no such user in /etc/passwd"],
  ["1e3", "user '1e3': no such user in /etc/passwd"],
  [" 0", "user ' 0': no such user in /etc/passwd"],
  ["٣", "user '٣': no such user in /etc/passwd"],
  // groups
  ["app:app", "10001:10001 [] /home/app"],
  ["app:audio", "10001:29 [] /home/app"],
  ["app:29", "10001:29 [] /home/app"],
  ["app:0", "10001:0 [] /home/app"],
  ["app:777", "10001:777 [] /home/app"],
  ["app:ümläut", "10001:63 [] /home/app"],
  ["app:1234", "10001:1234 [] /home/app"],
  ["5000:audio", "5000:29 [] /"],
  ["5000:6000", "5000:6000 [] /"],
  ["0:0", "0:0 [] /root"],
  ["app:4294967294", "10001:4294967294 [] /home/app"],
  ["app:4294967295", "user-spec 'app:4294967295': group ID 4294967295 is out of range"],
  ["app:nogroup", "group 'nogroup': no such group in /etc/group"],
  ["app:broken", "group 'broken': line 10 of /etc/group is skipped, because its GID is 'abc'"],
  ["app:huge", "group 'huge': line 11 of /etc/group is skipped, because its GID is '4294967295'"],
  ["app:-1", "group '-1': no such group in /etc/group"],
  ["nobody:audio", "user 'nobody': no such user in /etc/passwd"],
  ["app:audio:video", "user-spec 'app:audio:video': more than one ':'"],
  ["app::", "user-spec 'app::': more than one ':'"],
  ["::", "user-spec '::': more than one ':'"],
  // empty parts: the current UID is 1
  ["", "1:1 [] /usr/sbin"],
  [":", "1:1 [] /usr/sbin"],
  [":audio", "1:29 [] /usr/sbin"],
  [":777", "1:777 [] /usr/sbin"],
  [":nogroup", "group 'nogroup': no such group in /etc/group"],
];

t.test("user-spec, by Docker's rules", async (t) => {
  for (const [spec, expected] of CASES) t.equal(resolve(spec), expected, JSON.stringify(spec));
});

t.test("missing files", async (t) => {
  t.equal(resolve("1000", null, null), "1000:7 [] /");
  t.equal(resolve("1000:1000", null, null), "1000:1000 [] /");
  t.equal(resolve("", null, null), "1:7 [] /");
  t.equal(resolve("app", null), "user 'app': /etc/passwd does not exist");
  t.equal(resolve("app:audio", PASSWD, null), "group 'audio': /etc/group does not exist");
  t.equal(resolve("app", PASSWD, null), "10001:10001 [] /home/app");
});

t.test("odd files", async (t) => {
  t.equal(resolve("a", "a:x:u:2::/h:/s\na:x:1:2::/h:/s"), "1:2 [] /h", "a line that is skipped before one that counts");
  t.equal(
    resolve("a", "ba:x:1:1::/:\n  a:x:1:g::/:\na:x:u:2::/:"),
    "user 'a': line 2 of /etc/passwd is skipped, because its GID is 'g'",
  );
  t.equal(resolve("a", "a:x:1:2::/h:/s"), "1:2 [] /h", "no newline at the end");
  t.equal(resolve("a", "\n\n\na:x:1:2::/h:/s\n\n"), "1:2 [] /h", "empty lines");
  t.equal(resolve("a", "a:x:1:2:::::::::"), "1:2 [] /", "too many fields");
  t.equal(resolve("a", "a\0b:x:0:0::/:\na:x:1:2::/h:"), "1:2 [] /h", "NUL in a name");
  t.equal(resolve("a", `${"x".repeat(1_000_000)}\na:x:1:2::/h:`), "1:2 [] /h", "a line of a million bytes");
  t.equal(resolve("a", "a:x:1:2::/h:", `g:x:5:${"b,".repeat(100_000)}a`), "1:2 [5] /h", "a hundred thousand members");
});
