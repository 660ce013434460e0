declare module "semver" {
  export function satisfies(version: string, range: string): boolean;
  /** The version itself; null if it is none. */
  export function valid(version: string): string | null;
}
