import type { z } from 'zod';
import { ErrorBody } from '../protocol/error.ts';
import { TransportError } from './transport-error.ts';

const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** One request of the agent. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly body?: unknown;
  /** Instead of a body that is JSON. */
  readonly bytes?: Uint8Array;
}
/** What came back, not read yet. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A body as text. @throws {Error} where it is longer than any answer of the server */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MAX_ANSWER_BYTES) throw new Error(`answer is over ${MAX_ANSWER_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** What an answer says. @throws {TransportError} `transport.answer` */
export function readAnswer<Schema extends z.ZodType>(
  schema: Schema,
  { method, path }: Call,
  { status, body }: Answer,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(body));
  } catch (error) {
    throw new TransportError(
      'transport.answer',
      `${method} ${path} was answered ${status} with something that is not understood`,
      { status: 400, cause: error, hint: 'Agent and server are of different versions?' },
    );
  }
}

/** Why a request was refused, in the server's own words. */
export function refusal({ method, path }: Call, { status, body }: Answer): TransportError {
  try {
    const { code, message, hint } = ErrorBody.parse(JSON.parse(body));
    return new TransportError(code, message, { status, hint });
  } catch {
    return new TransportError('transport.answer', `${method} ${path} was answered ${status}`, {
      status,
    });
  }
}

/** A certificate that does not check is shown as itself; all else is a server that is not there (yet). */
export function unreachable(origin: string, error: unknown): TransportError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code))
    return new TransportError(
      'transport.tls',
      `${origin} is not the server of this site: ${reason}`,
      {
        status: 495,
        cause: error,
        hint: 'The boot image belongs to another site or to a site CA that was rotated: make it again.',
      },
    );
  return new TransportError(
    'transport.unreachable',
    `no answer from ${origin}: ${code || reason}`,
    {
      cause: error,
      hint: 'Check cable, VLAN and firewall; the run goes on by itself when the server is back.',
    },
  );
}
