import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** What is encrypted at once: a whole grant of many megabytes would keep everybody else waiting. */
const SLICE = 64 * 1024;

/** Answers JSON that is text already, a slice at a time. */
export function sendJsonText(reply: FastifyReply, text: string): FastifyReply {
  void reply.type('application/json');
  if (text.length <= SLICE) return reply.send(text);
  return reply.send(Readable.from(slicesOf(text), { objectMode: false }));
}

function* slicesOf(text: string): Generator<Buffer> {
  for (let at = 0; at < text.length; ) {
    let end = at + SLICE;
    // Both halves of a character outside the basic plane go together.
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last <= 0xdbff) end += 1;
    yield Buffer.from(text.slice(at, end));
    at = end;
  }
}
