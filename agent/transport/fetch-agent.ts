/**
 * Fetches the program of an agent by the bootstrap protocol (protocol/bootstrap.ts), as a boot image does: from a
 * running agent, for an operating system that it installs.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { HELLO_PATH, SITE_SERVER_NAME } from '../protocol/bootstrap.ts';
import { TransportError } from './transport-error.ts';

const ANSWER_TIMEOUT_MS = 30_000;
/** Above any agent; a server that sends without end is stopped by it. */
const MAX_BYTES = 1024 ** 3;

const Hello = z.object({
  'agent-sha256': z.string().regex(/^[0-9a-f]{64}$/),
  'agent-path': z.string().startsWith('/'),
  'agent-size': z.coerce.number().int().positive().max(MAX_BYTES),
  'agent-compression': z.enum(['zstd', 'none']),
});

/** Which program: of which architecture and environment, and its service instead of the agent itself. */
export interface WantedAgent {
  readonly architecture: string;
  readonly environment: 'linux-pe' | 'winpe';
  readonly part?: 'service';
}

/**
 * Fetches a program to `path`, its hash checked, unpacked. False where the server has none.
 * @throws {TransportError} `agent.fetch` and those of the connection
 */
export async function fetchAgent(
  { server, siteCa }: { readonly server: string; readonly siteCa: string },
  wanted: WantedAgent,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const dispatcher = new Agent({
    connect: { ca: siteCa, servername: SITE_SERVER_NAME, timeout: 10_000 },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
  });
  const packed = `${path}.packed`;
  try {
    const origin = `https://${server}`;
    const hello = await ask(origin, wanted, { dispatcher, signal });
    if (hello === undefined) return false;
    const { 'agent-path': from, 'agent-size': size, 'agent-sha256': sha256 } = hello;
    const answer = await request(`${origin}${from}`, { dispatcher, signal });
    if (answer.statusCode !== 200) throw failed(`${from} is answered with ${answer.statusCode}`);
    const hash = createHash('sha256');
    let received = 0;
    await pipeline(
      answer.body,
      async function* (chunks: AsyncIterable<Uint8Array>) {
        for await (const chunk of chunks) {
          received += chunk.length;
          if (received > size)
            throw failed(`${from} is longer than the ${size} bytes it should have`);
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(packed),
      { signal },
    );
    if (received !== size || hash.digest('hex') !== sha256)
      throw failed(`${from} has other bytes than its hash ${sha256} says`);
    const unpacking = hello['agent-compression'] === 'zstd' ? [createZstdDecompress()] : [];
    await pipeline([createReadStream(packed), ...unpacking, createWriteStream(path)], { signal });
    return (await stat(path)).size > 0;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TransportError) throw error;
    throw failed(error instanceof Error ? error.message : String(error), error);
  } finally {
    await rm(packed, { force: true });
    await dispatcher.destroy();
  }
}

/** Undefined where the server has no such program, or does not know of parts. */
async function ask(
  origin: string,
  { architecture, environment, part }: WantedAgent,
  options: { readonly dispatcher: Agent; readonly signal: AbortSignal },
): Promise<z.output<typeof Hello> | undefined> {
  const query = { arch: architecture, env: environment, ...(part === undefined ? {} : { part }) };
  const { statusCode, body } = await request(`${origin}${HELLO_PATH}`, { ...options, query });
  const text = await body.text();
  if (statusCode === 404) return undefined;
  if (statusCode !== 200) throw failed(`the server answers ${statusCode}: ${text.slice(0, 300)}`);
  const lines = text.split('\n').map((line) => /^(\S+) (.*)$/.exec(line.trim()) ?? []);
  const told = Object.fromEntries(lines.map(([, key = '', value = '']) => [key, value]));
  // A server from before parts answers with the agent itself, and does not say which part it is.
  if (part !== undefined && told['agent-part'] !== part) return undefined;
  const parsed = Hello.safeParse(told);
  if (!parsed.success) throw failed(`the server's answer is not understood: ${text.slice(0, 300)}`);
  return parsed.data;
}

function failed(reason: string, cause?: unknown): TransportError {
  return new TransportError('agent.fetch', `The agent for Windows cannot be fetched: ${reason}`, {
    cause,
  });
}
