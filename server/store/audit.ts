import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Tables } from './tables.ts';

/** One change, and who made it. */
export interface AuditEntry {
  readonly atMs: number;
  readonly who: string;
  readonly action: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const Detail = z.record(z.string(), z.unknown());

export const audit = {
  /** Keeps one entry. @param id made by the caller, so that a repeat is one entry. */
  async add(db: Kysely<Tables>, id: string, entry: AuditEntry): Promise<void> {
    await db
      .insertInto('audit')
      .values({
        id,
        at_ms: entry.atMs,
        who: entry.who,
        action: entry.action,
        detail_json: JSON.stringify(entry.detail),
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
  },

  /** The newest first. */
  async list(db: Kysely<Tables>, limit = 200): Promise<AuditEntry[]> {
    const rows = await db
      .selectFrom('audit')
      .selectAll()
      .orderBy('at_ms', 'desc')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      atMs: row.at_ms,
      who: row.who,
      action: row.action,
      detail: Detail.parse(JSON.parse(row.detail_json)),
    }));
  },
};
