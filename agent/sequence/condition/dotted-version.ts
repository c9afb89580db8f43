/** Numbers of a version, the most significant first. */
export type DottedVersion = readonly number[];

const VERSION = /^\d{1,9}(?:\.\d{1,9}){0,3}$/;

/** One to four numbers with dots, `10.0.19041.1`; undefined for any other text. */
export function parseVersion(text: string): DottedVersion | undefined {
  return VERSION.test(text) ? text.split('.').map(Number) : undefined;
}

/** The numbers that a text begins with: systems and files add words, `6.1.7601 Service Pack 1`. */
export function versionAtStart(text: string): DottedVersion | undefined {
  return parseVersion(/^\d{1,9}(?:\.\d{1,9}){0,3}/.exec(text.trim())?.[0] ?? '');
}

/** Negative, zero or positive. A number that is not there is 0; only the first `parts` are looked at. */
export function compareVersions(
  one: DottedVersion,
  other: DottedVersion,
  parts: number = Math.max(one.length, other.length),
): number {
  for (let index = 0; index < parts; index++) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
