/** A backup that cannot be made, read or brought back. */
export class BackupError extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, options: { hint: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'BackupError';
    this.code = code;
    this.hint = options.hint;
  }
}
