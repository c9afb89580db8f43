import type { Kysely } from 'kysely';
import type { RunId } from '#agent/protocol/identity.ts';
import type { LogChunk } from '#agent/protocol/run-event.ts';
import { packChunk, unpackChunk } from './log-chunks.ts';
import { speaking } from './runs.ts';
import type { Tables } from './tables.ts';

export const logs = {
  /**
   * Keeps a chunk that lies at the end of what is there; any other is dropped. Answers the length of
   * the log in bytes. @throws {StoreError} `run.not-found`, `run.key`
   */
  async append(
    db: Kysely<Tables>,
    id: RunId,
    chunk: LogChunk,
    by: { readonly keyThumbprint: string; readonly nowMs: number },
  ): Promise<number> {
    const run = await speaking(db, id, by.keyThumbprint);
    const bytes = Buffer.byteLength(chunk.text);
    if (chunk.offset !== run.log_bytes || bytes === 0) return run.log_bytes;
    await db
      .insertInto('logs')
      .values(packChunk(id, chunk.offset, chunk.text))
      .execute();
    const log_bytes = run.log_bytes + bytes;
    await db
      .updateTable('runs')
      .set({ log_bytes, last_event_ms: by.nowMs })
      .where('run_id', '=', id)
      .execute();
    return log_bytes;
  },

  /** Whole chunks that hold bytes from `offset` on, at most about `limit` bytes; `next` is where to go on. */
  async read(
    db: Kysely<Tables>,
    id: RunId,
    offset: number,
    limit = 1024 * 1024,
  ): Promise<{ offset: number; next: number; text: string }> {
    const rows = await db
      .selectFrom('logs')
      .select(['start', 'bytes', 'text', 'zstd'])
      .where('run_id', '=', id)
      .where((where) => where(where('start', '+', where.ref('bytes')), '>', offset))
      .orderBy('start')
      .limit(64)
      .execute();
    const parts: Buffer[] = [];
    let next = offset;
    for (const row of rows) {
      if (next - offset >= limit) break;
      parts.push(unpackChunk(row).subarray(Math.max(0, offset - row.start)));
      next = row.start + row.bytes;
    }
    return { offset, next, text: Buffer.concat(parts).toString('utf8') };
  },
};
