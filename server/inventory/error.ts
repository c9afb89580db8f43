/** The error of inventory rules: an order that cannot be followed, with what to do instead. */
export class InventoryError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { readonly hint?: string } = {}) {
    super(message);
    this.name = 'InventoryError';
    this.code = code;
    this.hint = options.hint;
  }
}
