/**
 * What the server, or the way to it, refused. The code is the server's own where it gave one, else
 * `transport.unreachable`, `transport.answer` or `transport.tls`.
 */
export class TransportError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  constructor(
    code: string,
    message: string,
    options: { status?: number; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'TransportError';
    this.code = code;
    this.hint = options.hint;
    this.status = options.status ?? 0;
  }

  /** Whether asking again later may help: no answer, an overloaded or a failing server. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}
