/** A question about a machine that cannot be answered. `code` is stable and dotted. */
export class QueryError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'QueryError';
    this.code = code;
    this.hint = options.hint;
  }
}
