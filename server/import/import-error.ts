import type { TextPosition } from '#media/xml/xml-fault.ts';

/** What is brought from elsewhere cannot be read: a file, an archive, or what is in it. */
export class ImportError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly position: TextPosition | undefined;
  constructor(
    code: string,
    message: string,
    options: {
      readonly hint?: string;
      readonly position?: TextPosition | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const { position, hint, cause } = options;
    const place =
      position === undefined ? '' : `, line ${position.line}, column ${position.column}`;
    super(`${message}${place}`, { cause });
    this.name = 'ImportError';
    this.code = code;
    this.hint = hint;
    this.position = position;
  }
}
