/** A disc image that cannot be read. */
export class IsoError extends Error {
  readonly code: `iso.${string}`;
  readonly hint?: string;

  constructor(
    code: IsoError['code'],
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'IsoError';
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}
