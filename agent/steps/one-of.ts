import { z } from 'zod';

/** One of some words, which are in lower case, written in any case: variables of the field hold `Simple`. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? value.trim().toLowerCase() : value),
    z.enum(words),
  );
}
