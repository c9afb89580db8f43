import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** What is encrypted at once: a whole grant of many megabytes would keep everybody else waiting. */
const SLICE_BYTES = 64 * 1024;

/** Answers JSON that is made already, a slice at a time. */
export function sendJson(reply: FastifyReply, json: Uint8Array): FastifyReply {
  void reply.type('application/json').header('content-length', json.length);
  return reply.send(Readable.from(slicesOf(json), { objectMode: false }));
}

function* slicesOf(json: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < json.length; at += SLICE_BYTES) yield json.subarray(at, at + SLICE_BYTES);
}
