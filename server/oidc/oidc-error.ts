/** Why nobody was signed in by the OpenID provider. What the provider wrote stands in no message of it. */
export class OidcError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** Whom a token that was verified told, for the audit log: an administrator may want to let him in. */
  readonly told: { readonly subject: string; readonly name?: string } | undefined;
  constructor(
    code: string,
    message: string,
    options: {
      readonly hint?: string;
      readonly told?: { readonly subject: string; readonly name?: string };
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'OidcError';
    this.code = code;
    this.hint = options.hint;
    this.told = options.told;
  }
}
