// Links in Markdown documents, and what they lead to: files, headings, and tests by their titles.

/** A link: the text that is shown, and where it leads. */
export interface Link {
  readonly text: string;
  readonly target: string;
}

/** The links of a document, in order. What stands in a block of code is no link. */
export function linksOf(markdown: string): Link[] {
  const links: Link[] = [];
  // A title may have code in it, and brackets in that.
  const pattern = /!?\[((?:`[^`]*`|\\.|[^\]\\])+)\]\(([^)\s]+)\)/g;
  for (const [, text = "", target = ""] of withoutCode(markdown).matchAll(pattern)) links.push({ text, target });
  return links;
}

/** The anchors that GitHub makes of a document's headings. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutCode(markdown).matchAll(/^#+ (.*)$/gm)) {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    anchors.add(plain.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
  }
  return anchors;
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```.*?^```$/gms, "");
}

/** What introduces the title of a test or of a case: a call, or a field. */
const TITLE =
  /(?:\btest\(\s*|\bon(?:Both|Static)\(\s*t,\s*|\b(?:name|spec): |\b(?:spec|passwd|group|environment)\(\s*)(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/g;

/** Whether the source of a test file has a test or a case of this title. What a template puts in may be anything. */
export function hasTest(source: string, title: string): boolean {
  for (const [, plain, template] of source.matchAll(TITLE)) {
    if (plain !== undefined && unescaped(plain) === title) return true;
    if (template === undefined) continue;
    const parts = template.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(unescaped(part)));
    if (new RegExp(`^${parts.join(".+")}$`, "s").test(title)) return true;
  }
  return false;
}

function unescaped(literal: string): string {
  return literal.replace(/\\(.)/g, "$1");
}
