/** A question that the machine could not answer: not the same as the answer *no*. */
export class QueryError extends Error {
  /** Stable and dotted, `query.registry-denied`. */
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'QueryError';
    this.code = code;
    this.hint = options.hint;
  }
}
