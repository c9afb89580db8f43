/** A document that cannot be written or changed as asked. `path` is a place in it: `steps[1].params`. */
export class DocumentError extends Error {
  readonly code: string;
  readonly path: string;
  readonly hint: string | undefined;
  constructor(code: string, message: string, options: { path?: string; hint?: string } = {}) {
    super(message);
    this.name = 'DocumentError';
    this.code = code;
    this.path = options.path ?? '';
    this.hint = options.hint;
  }
}
