/** The error of the distribution point. */
export class ContentError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(
    code: string,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ContentError';
    this.code = code;
    this.hint = options.hint;
  }
}
