/** An archive of task sequences that cannot be made, read or taken in, with the place in it. */
export class ArchiveError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(
    code: string,
    message: string,
    options: { readonly hint?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ArchiveError';
    this.code = code;
    this.hint = options.hint;
  }
}
