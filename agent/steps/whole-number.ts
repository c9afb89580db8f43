import { z } from 'zod';

/** A whole number, also as text: a `%Name%` in a document becomes the text of a number when it runs. */
export function wholeNumber(least: number, most: number) {
  return z.preprocess(
    (value) =>
      typeof value === 'string' && /^\s*\d{1,15}\s*$/.test(value) ? Number(value) : value,
    z.int().min(least).max(most),
  );
}
