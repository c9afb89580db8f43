import { z } from 'zod';

/** true or false, also as text in any case: a `%Name%` in a document becomes text when it runs. */
export function trueOrFalse() {
  return z.preprocess((value) => {
    const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
    return text === 'true' || text === 'false' ? text === 'true' : value;
  }, z.boolean());
}
