// Where the project is to be found: addresses.json, which whoever publishes it fills in. Nothing else in the project names a
// place of its own on the network.

import { SetupError } from "../host.ts";

const KEYS = ["homepage", "repository", "issues", "security", "image", "maintainer"] as const;

/** An address that is not known is empty. */
export type Addresses = Readonly<Record<(typeof KEYS)[number], string>>;

/** How each kind of address looks, and how to say so. */
const WEB = { form: /^https:\/\/[\w.-]+(\/\S*)?$/, name: "an address that begins with https://" };
const FORMS: Readonly<Record<keyof Addresses, { readonly form: RegExp; readonly name: string }>> = {
  homepage: WEB,
  repository: WEB,
  issues: WEB,
  security: { form: /^(https:\/\/|mailto:)\S+$/, name: "an address that begins with https:// or mailto:" },
  image: {
    form: /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/,
    name: "the name of an image with its registry, without a tag",
  },
  maintainer: { form: /^[^<>]+ <[^<>@\s]+@[^<>@\s]+>$/, name: "a name and a mail address: NAME <MAIL>" },
};

/** Reads the text of addresses.json. Throws a SetupError that names the key that is unknown or has no such address. */
export function addressesOf(text: string): Addresses {
  const given = objectOf(text);
  const unknown = Object.keys(given).filter((key) => !KEYS.some((known) => known === key));
  if (unknown.length > 0)
    throw new SetupError(`addresses.json: ${unknown.join(", ")}: unknown; the keys are ${KEYS.join(", ")}`);
  const read = (key: keyof Addresses): string => {
    const value = given[key] ?? "";
    if (value === "") return "";
    const { form, name } = FORMS[key];
    if (typeof value !== "string" || !form.test(value))
      throw new SetupError(`addresses.json: ${key}: ${JSON.stringify(value)} is not ${name}`);
    return value;
  };
  return {
    homepage: read("homepage"),
    repository: read("repository"),
    issues: read("issues"),
    security: read("security"),
    image: read("image"),
    maintainer: read("maintainer"),
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SetupError(`addresses.json: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SetupError("addresses.json: not an object of addresses");
  return { ...value };
}
