import type { ErrorProblem } from '#agent/protocol/error.ts';

/** The error of inventory rules: an order that cannot be followed, with what to do instead. */
export class InventoryError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** All that is wrong, where it is more than one thing. */
  readonly problems: readonly ErrorProblem[];
  constructor(
    code: string,
    message: string,
    options: { readonly hint?: string; readonly problems?: readonly ErrorProblem[] } = {},
  ) {
    super(message);
    this.name = 'InventoryError';
    this.code = code;
    this.hint = options.hint;
    this.problems = options.problems ?? [];
  }
}
