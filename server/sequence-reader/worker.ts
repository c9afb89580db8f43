/** The worker that reads task sequences: YAML of 2 MB takes seconds, for which the main thread has no time. */
import { parentPort } from 'node:worker_threads';
import { formatTaskSequence } from '#agent/sequence/format.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { steps } from '#agent/steps/index.ts';
import { readSequenceText } from '../sequence-text.ts';
import type { ReadAnswer, ReadRequest } from './messages.ts';

const port = parentPort;
if (port === null) throw new Error('sequence-reader/worker.ts runs in a worker thread only');
port.on('message', (request: ReadRequest) => port.postMessage(read(request)));

function read({ id, text }: ReadRequest): ReadAnswer {
  try {
    const { sequence } = readSequenceText(text, steps);
    const { name, description, disabled } = sequence;
    const documentJson = JSON.stringify(formatTaskSequence(sequence));
    return { id, ok: true, document: { name, description, disabled, documentJson } };
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    const { code, message, hint, problems } = error;
    return { id, ok: false, code, message, problems, ...(hint === undefined ? {} : { hint }) };
  }
}
