import { z } from 'zod';

/** One of several things that are wrong with what was sent, and where in it. */
export const ErrorProblem = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  /** Place in a document: `steps[0].params.image`. */
  path: z.string().optional(),
  /** Name of the step there, and its setting. */
  step: z.string().optional(),
  field: z.string().optional(),
  /** What may have been meant, nearest first. */
  candidates: z.array(z.string()).readonly().optional(),
});
export type ErrorProblem = z.infer<typeof ErrorProblem>;

/** Body of every answer that is not 2xx, on all listeners. `code` is stable and dotted. */
export const ErrorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  /** All that is wrong, where it is more than `message` says. */
  problems: z.array(ErrorProblem).readonly().optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;
