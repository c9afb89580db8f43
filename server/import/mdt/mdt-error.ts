/** A deployment share, or a file of one, that cannot be read. `code` is stable. */
export class MdtError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'MdtError';
    this.code = code;
    this.hint = options.hint;
  }
}
