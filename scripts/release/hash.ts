// Names of content: its hash, and an identifier made of it.

import { createHash } from "node:crypto";

/** The SHA-256 of the bytes, in hexadecimal digits. */
export function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A URN for a document with this content: another one for other content, the same one every time (RFC 9562, version 8). */
export function urnOf(content: string): string {
  const digits = sha256(content);
  const parts = [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ];
  return `urn:uuid:${parts.join("-")}`;
}
