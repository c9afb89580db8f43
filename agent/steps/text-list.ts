import { z } from 'zod';
import { VARIABLE_MARK } from '#agent/sequence/variables.ts';

/**
 * A list, also as one text with commas, as variables hold lists. A text with `%Name%` in it is only
 * taken apart when that has been put in.
 */
export function textList<Item extends z.ZodType>(item: Item, most: number) {
  return z.preprocess(readList, z.array(item).max(most));
}

function readList(value: unknown): unknown {
  if (typeof value === 'string') return value.search(VARIABLE_MARK) < 0 ? partsOf(value) : value;
  if (!Array.isArray(value)) return value;
  return value.flatMap((each: unknown) =>
    typeof each === 'string' && each.includes(',') && each.search(VARIABLE_MARK) < 0
      ? partsOf(each)
      : [each],
  );
}

function partsOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}
