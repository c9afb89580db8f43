import { Readable } from 'node:stream';
import { createSequenceReader } from '../../../sequence-reader/reader.ts';
import { SequenceBatchAnswer } from '../../api-sequences.ts';
import { HttpError } from '../../errors.ts';
import { role } from '../../role.ts';
import type { RouteFile } from '../../server.ts';
import type { OperatorServices } from '../../services.ts';
import { recordChange } from './audit.ts';

/** All documents of one batch together, as JSON: with its children, one sequence has at most 32 MiB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** For all of them to be read. */
const READ_TIMEOUT_MS = 600_000;

/**
 * POST /sequences/batch: several sequences and the uploads that they need, kept together or not at all. The
 * body is read in a worker, and handed on to the store as bytes.
 */
export const sequenceBatchRoutes: RouteFile<OperatorServices> = (app, services) => {
  const { store, nowMs } = services;
  const reader = createSequenceReader(READ_TIMEOUT_MS);
  app.addHook('onClose', () => reader.close());

  app.post('/api/v1/sequences/batch', { ...role('operator') }, async (request) => {
    if (!(request.body instanceof Readable))
      throw new HttpError(415, 'sequence.batch', 'The body is to be bytes', {
        hint: 'send the JSON with content-type: application/octet-stream',
      });
    const batch = await reader.readBatch(await readAll(request.body));
    const kept = await store.batches.add(batch, nowMs());
    const short = ({ id, name, version }: { id: string; name: string; version: number }) => ({
      id,
      name,
      version,
    });
    await recordChange(services, request, {
      action: 'sequence.import',
      detail: {
        sequences: kept.sequences.map(short),
        packages: kept.packages.map(short),
        ...(kept.applications.length === 0 ? {} : { applications: kept.applications }),
      },
      affects: 'boot',
    });
    return SequenceBatchAnswer.parse(kept);
  });
};

async function readAll(body: Readable): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    if (!(part instanceof Uint8Array)) continue;
    length += part.length;
    if (length > MAX_BYTES)
      throw new HttpError(413, 'request.too-large', `A batch has at most ${MAX_BYTES} bytes`);
    parts.push(part);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
