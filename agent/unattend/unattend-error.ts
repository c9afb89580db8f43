import type { TextPosition } from '#media/xml/xml-fault.ts';

/**
 * An answer file that cannot be read, or a value that it cannot hold. `code` is stable and dotted. The text
 * names places and never a value that may be secret.
 */
export class UnattendError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly position: TextPosition | undefined;
  constructor(
    code: string,
    message: string,
    options: {
      readonly hint?: string | undefined;
      readonly position?: TextPosition | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const { position, hint, cause } = options;
    const place =
      position === undefined ? '' : `, line ${position.line}, column ${position.column}`;
    super(`${message}${place}`, { cause });
    this.name = 'UnattendError';
    this.code = code;
    this.hint = hint;
    this.position = position;
  }
}
