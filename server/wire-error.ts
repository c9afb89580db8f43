/** The error of all packet codecs: a datagram that cannot be read. `code` is stable and dotted. */
export class WireError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'WireError';
    this.code = code;
  }
}
