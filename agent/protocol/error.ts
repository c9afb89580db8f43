import { z } from 'zod';

/** Body of every answer that is not 2xx, on all listeners. `code` is stable and dotted. */
export const ErrorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;
