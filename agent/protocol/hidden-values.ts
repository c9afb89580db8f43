/**
 * What a machine is told of secrets that it was given before it restarted: enough to know each again in a text, so
 * that no log shows it, and not what it is. Of a guess it can be said whether it is right, as of any hash.
 */
import { randomBytes, scrypt, scryptSync } from 'node:crypto';
import { z } from 'zod';

const SALT_BYTES = 16;
const DIGEST_BYTES = 16;
/** Under one millisecond and 512 KiB: dear for whoever tries guesses, cheap enough for one text in 4,096. */
const SCRYPT = { N: 512, r: 8, p: 1 } as const;
/** How much of a cheap hash is told: as little as keeps the dear one rare. Long ones are lines of keys, many at once. */
const FILTER_BITS = 12;
const LONG = 32;
const LONG_FILTER_BITS = 24;
/** Parts of texts that only looked like one, so that a log that repeats itself costs nothing. */
const MOST_TRIED = 10_000;

const HiddenValue = z.object({
  /** In UTF-16 code units. */
  length: z.int().positive(),
  filter: z.int().nonnegative(),
  /** scrypt of the value, `DIGEST_BYTES`, base64. */
  digest: z.base64(),
});
type HiddenValue = z.infer<typeof HiddenValue>;

/** Fingerprints of values, with the salt that they were made with. */
export const HiddenValues = z.object({
  salt: z.base64(),
  values: z.array(HiddenValue),
});
export type HiddenValues = z.infer<typeof HiddenValues>;

/** @param texts as `secretTexts` gives them; the dear part is done on other threads */
export async function hiddenValues(texts: readonly string[]): Promise<HiddenValues> {
  const salt = randomBytes(SALT_BYTES);
  const factor = factorOf(salt);
  const values: HiddenValue[] = [];
  for (const text of texts) {
    const digest = await new Promise<Buffer>((resolve, reject) =>
      scrypt(text, salt, DIGEST_BYTES, SCRYPT, (error, key) =>
        error === null ? resolve(key) : reject(error),
      ),
    );
    const { length } = text;
    const filter = filterOf(cheapHash(text, factor), length);
    values.push({ length, filter, digest: digest.toString('base64') });
  }
  return { salt: salt.toString('base64'), values };
}

/** Finds the values in texts, wherever they stand. What was found once is looked for as it is from then on. */
export class HiddenValueFinder {
  readonly #salt: Buffer;
  readonly #factor: number;
  /** By length, then by filter: digests of those that were not met yet. */
  readonly #unmet = new Map<number, Map<number, Set<string>>>();
  readonly #met = new Set<string>();
  readonly #tried = new Set<string>();

  constructor({ salt, values }: HiddenValues) {
    this.#salt = Buffer.from(salt, 'base64');
    this.#factor = factorOf(this.#salt);
    for (const { length, filter, digest } of values) {
      const ofLength = this.#unmet.get(length) ?? new Map<number, Set<string>>();
      this.#unmet.set(
        length,
        ofLength.set(filter, (ofLength.get(filter) ?? new Set()).add(digest)),
      );
    }
  }

  /** The values that were met so far, those of this text among them. */
  find(text: string): Iterable<string> {
    for (const [length, ofLength] of this.#unmet)
      if (length <= text.length) this.#look(text, length, ofLength);
    return this.#met;
  }

  #look(text: string, length: number, unmet: Map<number, Set<string>>): void {
    const factor = this.#factor;
    let leaving = 1;
    for (let count = 0; count < length; count += 1) leaving = Math.imul(leaving, factor);
    let hash = cheapHash(text.slice(0, length), factor);
    for (let end = length; ; end += 1) {
      const digests = unmet.get(filterOf(hash, length));
      if (digests !== undefined) this.#try(text.slice(end - length, end), digests);
      if (end >= text.length) return;
      const without = Math.imul(text.charCodeAt(end - length), leaving);
      hash = (Math.imul(hash, factor) + text.charCodeAt(end) - without) | 0;
    }
  }

  #try(part: string, digests: Set<string>): void {
    if (this.#tried.has(part) || this.#met.has(part)) return;
    const digest = scryptSync(part, this.#salt, DIGEST_BYTES, SCRYPT).toString('base64');
    if (digests.delete(digest)) this.#met.add(part);
    else {
      if (this.#tried.size >= MOST_TRIED) this.#tried.clear();
      this.#tried.add(part);
    }
  }
}

/** Odd, so that no character is multiplied away. */
function factorOf(salt: Buffer): number {
  return salt.readInt32LE(0) | 1;
}

/** A polynomial over the characters modulo 2^32. */
function cheapHash(text: string, factor: number): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, factor) + text.charCodeAt(index)) | 0;
  return hash;
}

/** Its upper bits, which all characters have changed. */
function filterOf(hash: number, length: number): number {
  const bits = length < LONG ? FILTER_BITS : LONG_FILTER_BITS;
  return Math.imul(hash, 0x9e3779b1) >>> (32 - bits);
}
