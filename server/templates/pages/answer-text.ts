import { z } from 'zod';
import type { ReferenceKind } from '#agent/sequence/step.ts';

/** A line of text. */
export function line(most: number) {
  return z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(most, `has more than ${most} characters`)
    .regex(/^\P{Cc}*$/u, 'is one line, without control characters')
    .refine((text) => text.isWellFormed(), 'has half a character in it');
}

/**
 * Name of something on the distribution point; whether it is there is seen when the sequence is stored.
 * `reference` tells a wizard what to offer.
 */
export function contentName(
  reference: ReferenceKind,
  texts: { title: string; description: string },
) {
  return line(128).meta({ ...texts, reference });
}

/** Yes or no. */
export function yesNo() {
  return z.boolean('is yes or no');
}

/** A whole number within limits. */
export function wholeNumber(least: number, most: number) {
  const message = `is a whole number from ${least} to ${most}`;
  return z.int(message).min(least, message).max(most, message);
}

/** One of a few words. */
export function choice<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, `is one of ${words.join(', ')}`);
}
