/** A registry hive or boot configuration store that cannot be used. `code` is stable and dotted; messages name offsets in the file or keys. */
export class BcdError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'BcdError';
    this.code = code;
    this.hint = options.hint;
  }
}

/** A place in a hive file as messages write it. */
export function atOffset(offset: number): string {
  return `offset 0x${offset.toString(16)}`;
}
