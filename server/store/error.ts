/**
 * The error of the store: what was asked cannot be kept, or is not there. Crosses the worker's
 * boundary as plain data, so it has no `cause`.
 */
export class StoreError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { readonly hint?: string } = {}) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
    this.hint = options.hint;
  }
}
