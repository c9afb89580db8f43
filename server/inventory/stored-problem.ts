import type { ErrorProblem } from '#agent/protocol/error.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';

/** What is wrong with a stored sequence, from the error that said so. Throws any other error again. */
export function problemOf(error: unknown): ErrorProblem {
  if (!(error instanceof SequenceError)) throw error;
  const { code, message, hint, problems } = error;
  const path = problems[0]?.path ?? '';
  return {
    code,
    message: message.slice(0, 4000),
    ...(hint === undefined ? {} : { hint }),
    ...(path === '' ? {} : { path }),
  };
}
