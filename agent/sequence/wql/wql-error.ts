/** A query that cannot be read. `position` counts the characters before the fault. */
export class WqlError extends Error {
  readonly code: string;
  readonly position: number;
  readonly hint: string | undefined;
  constructor(code: string, position: number, reason: string, hint?: string) {
    super(`Cannot read the query: ${reason}, at character ${position + 1}`);
    this.name = 'WqlError';
    this.code = code;
    this.position = position;
    this.hint = hint;
  }
}
