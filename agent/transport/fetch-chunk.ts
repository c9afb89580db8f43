import { type Dispatcher, request } from 'undici';
import { StepError } from '../sequence/step.ts';

const ANSWER_TIMEOUT_MS = 20_000;

/** Part of an object below a distribution point's base URL. `last` is inclusive, as in `Range`. */
interface ChunkRequest {
  readonly url: string;
  readonly first: number;
  readonly last: number;
}
/** Fetches one chunk from one source; whether its bytes are right is not its question. */
export type FetchChunk = (chunk: ChunkRequest, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * Fetches by HTTP range (RFC 9110, 14.2). A 200 is taken only where the range is the whole object.
 * @throws {StepError} `content.missing` for 404 and 410, else `content.unreachable`
 */
export function httpChunks(dispatcher: Dispatcher): FetchChunk {
  return async ({ url, first, last }, signal) => {
    const wanted = last - first + 1;
    try {
      const answer = await request(url, {
        dispatcher,
        signal,
        headers: { range: `bytes=${first}-${last}` },
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      });
      const status = answer.statusCode;
      if (status !== 206 && !(status === 200 && first === 0)) {
        await answer.body.dump();
        const missing = status === 404 || status === 410;
        throw new StepError(
          missing ? 'content.missing' : 'content.unreachable',
          `${url} was answered ${status}`,
        );
      }
      const bytes = new Uint8Array(wanted);
      let size = 0;
      for await (const part of answer.body as AsyncIterable<Uint8Array>) {
        if (size + part.length > wanted)
          throw new StepError(
            'content.unreachable',
            `${url} sent more than the ${wanted} bytes asked for`,
          );
        bytes.set(part, size);
        size += part.length;
      }
      if (size !== wanted)
        throw new StepError('content.unreachable', `${url} sent ${size} of ${wanted} bytes`);
      return bytes;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StepError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StepError('content.unreachable', `${url}: ${reason}`, { cause: error });
    }
  };
}
