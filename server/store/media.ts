import type { Kysely, Selectable } from 'kysely';
import { MediaKind } from '#media/description.ts';
import {
  MediaFacts,
  MediaFailure,
  MediaForm,
  type MediaRecord,
  MediaState,
} from '../media/media-record.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** How the making of media ended. */
export interface MediaEnd {
  readonly state: Exclude<MediaState, 'making'>;
  readonly sizeBytes: number;
  readonly error: MediaFailure | null;
  readonly nowMs: number;
}

export const media = {
  /** The newest first. */
  async list(db: Kysely<Tables>): Promise<MediaRecord[]> {
    const rows = await db
      .selectFrom('media')
      .selectAll()
      .orderBy('created_ms', 'desc')
      .orderBy('media_id')
      .execute();
    return rows.map(toRecord);
  },

  async find(db: Kysely<Tables>, id: string): Promise<MediaRecord | null> {
    const row = await db
      .selectFrom('media')
      .selectAll()
      .where('media_id', '=', id)
      .executeTakeFirst();
    return row === undefined ? null : toRecord(row);
  },

  async add(db: Kysely<Tables>, record: MediaRecord): Promise<void> {
    await db
      .insertInto('media')
      .values({
        media_id: record.id,
        kind: record.kind,
        label: record.label,
        form: record.form,
        state: record.state,
        server: record.server,
        made_by: record.madeBy,
        created_ms: record.createdMs,
        finished_ms: record.finishedMs,
        size_bytes: record.sizeBytes,
        public_key: record.publicKey,
        valid_from_ms: record.validFromMs,
        valid_until_ms: record.validUntilMs,
        unknown_computers: record.unknownComputers ? 1 : 0,
        password: record.password ? 1 : 0,
        facts_json: JSON.stringify(record.facts),
        error_json: JSON.stringify(record.error),
        blocked_ms: record.blockedMs,
        blocked_reason: record.blockedReason,
      })
      .execute();
  },

  async finish(db: Kysely<Tables>, id: string, end: MediaEnd): Promise<void> {
    await db
      .updateTable('media')
      .set({
        state: end.state,
        size_bytes: end.sizeBytes,
        error_json: JSON.stringify(end.error),
        finished_ms: end.nowMs,
      })
      .where('media_id', '=', id)
      .execute();
  },

  /** What a server was making when it ended, is not made any more. */
  async interrupt(db: Kysely<Tables>, server: string, nowMs: number): Promise<void> {
    await db
      .updateTable('media')
      .set({ state: 'interrupted', finished_ms: nowMs })
      .where('state', '=', 'making')
      .where('server', '=', server)
      .execute();
  },

  /**
   * Blocks media, or lets them start machines again. @param block null to let them
   * @throws {StoreError} `media.not-found`
   */
  async block(
    db: Kysely<Tables>,
    id: string,
    block: { readonly reason: string; readonly nowMs: number } | null,
  ): Promise<void> {
    const { numUpdatedRows } = await db
      .updateTable('media')
      .set({ blocked_ms: block?.nowMs ?? null, blocked_reason: block?.reason ?? '' })
      .where('media_id', '=', id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new StoreError('media.not-found', `There are no media ${id}`);
  },

  async remove(db: Kysely<Tables>, id: string): Promise<void> {
    await db.deleteFrom('media').where('media_id', '=', id).execute();
  },
};

function toRecord(row: Selectable<Tables['media']>): MediaRecord {
  return {
    id: row.media_id,
    kind: MediaKind.parse(row.kind),
    label: row.label,
    form: MediaForm.parse(row.form),
    state: MediaState.parse(row.state),
    server: row.server,
    madeBy: row.made_by,
    createdMs: row.created_ms,
    finishedMs: row.finished_ms,
    sizeBytes: row.size_bytes,
    publicKey: row.public_key,
    validFromMs: row.valid_from_ms,
    validUntilMs: row.valid_until_ms,
    unknownComputers: row.unknown_computers === 1,
    password: row.password === 1,
    facts: MediaFacts.parse(JSON.parse(row.facts_json)),
    error: MediaFailure.nullable().parse(JSON.parse(row.error_json)),
    blockedMs: row.blocked_ms,
    blockedReason: row.blocked_reason,
  };
}
