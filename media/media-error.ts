/** Media that cannot be made, or that nothing is started from. */
export class MediaError extends Error {
  readonly code: `media.${string}`;
  readonly hint?: string;

  constructor(
    code: MediaError['code'],
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MediaError';
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}
