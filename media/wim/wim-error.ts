/** A WIM that cannot be used. `code` is stable and dotted; messages name byte offsets. */
export class WimError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'WimError';
    this.code = code;
    this.hint = options.hint;
  }
}
