/** The worker that reads task sequences: YAML of 2 MB takes seconds, for which the main thread has no time. */
import { parentPort } from 'node:worker_threads';
import { z } from 'zod';
import { formatTaskSequence } from '#agent/sequence/format.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { steps } from '#agent/steps/index.ts';
import { SequenceBatch } from '../http/api-sequences.ts';
import { readSequenceText, refusePlainSecrets } from '../sequence-text.ts';
import type { ReadAnswer, ReadDocument, ReadRequest } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('sequence-reader/worker.ts runs in a worker thread only');
port.on('message', (request: ReadRequest) => {
  const answer = read(request);
  const bytes = answer.ok && 'batch' in answer ? [answer.batch.buffer] : [];
  port.postMessage(answer, bytes);
});

function read(request: ReadRequest): ReadAnswer {
  const { id } = request;
  try {
    return 'text' in request
      ? { id, ok: true, document: readDocument(request.text) }
      : { id, ok: true, batch: readBatch(request.batch) };
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    const { code, message, hint, problems } = error;
    return { id, ok: false, code, message, problems, ...(hint === undefined ? {} : { hint }) };
  }
}

function readDocument(text: string): ReadDocument {
  const read = readSequenceText(text, steps);
  refusePlainSecrets(read);
  const { sequence } = read;
  const { name, description, disabled } = sequence;
  return {
    name,
    description,
    disabled,
    documentJson: JSON.stringify(formatTaskSequence(sequence)),
  };
}

/** @throws {SequenceError} `sequence.batch`, and what a text of it cannot be read for, with its number */
function readBatch(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { packages, applications, sequences } = parseBatch(bytes);
  const read = sequences.map(({ text, format, ...wish }, index) => ({
    ...readNumbered(text, index),
    ...wish,
    source: { text, format },
  }));
  return new TextEncoder().encode(JSON.stringify({ packages, applications, sequences: read }));
}

function parseBatch(bytes: Uint8Array): z.output<typeof SequenceBatch> {
  try {
    return SequenceBatch.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch (error) {
    const reason =
      error instanceof z.ZodError
        ? z.prettifyError(error).slice(0, 1000)
        : error instanceof Error
          ? error.message
          : String(error);
    throw new SequenceError('sequence.batch', `This is no batch of task sequences: ${reason}`);
  }
}

function readNumbered(text: string, index: number): ReadDocument {
  try {
    return readDocument(text);
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    const { code, message, hint, problems } = error;
    throw new SequenceError(code, `sequences[${index}]: ${message}`, {
      problems,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
