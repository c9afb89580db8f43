/** What `metalwright-ts` cannot do: a stable dotted code, and what to do about it. */
export class TsError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, hint?: string) {
    super(message);
    this.name = 'TsError';
    this.code = code;
    this.hint = hint;
  }
}
