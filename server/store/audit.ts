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

/** An entry with the id it was kept under. */
export interface KeptAuditEntry extends AuditEntry {
  readonly id: string;
}

/** Which entries; what is not named does not count. */
export interface AuditFilter {
  readonly who?: string | undefined;
  /** A whole action, or its first word: `device`. */
  readonly action?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** Id of an entry: those after it in the list, the older ones. */
  readonly after?: string | undefined;
}

const Detail = z.record(z.string(), z.unknown());

/** The audit log. Nothing here or elsewhere changes an entry. */
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

  /** The newest first; of one millisecond by id. */
  async list(db: Kysely<Tables>, limit = 200, filter: AuditFilter = {}): Promise<KeptAuditEntry[]> {
    const { who, action, fromMs, toMs, after } = filter;
    let query = db.selectFrom('audit').selectAll();
    if (who !== undefined) query = query.where('who', '=', who);
    if (action !== undefined)
      query = action.includes('.')
        ? query.where('action', '=', action)
        : query.where('action', 'like', `${action}.%`);
    if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs);
    if (toMs !== undefined) query = query.where('at_ms', '<', toMs);
    if (after !== undefined) {
      const last = await db
        .selectFrom('audit')
        .select(['at_ms', 'id'])
        .where('id', '=', after)
        .executeTakeFirst();
      if (last === undefined) return [];
      query = query.where((where) =>
        where.or([
          where('at_ms', '<', last.at_ms),
          where.and([where('at_ms', '=', last.at_ms), where('id', '<', last.id)]),
        ]),
      );
    }
    const rows = await query.orderBy('at_ms', 'desc').orderBy('id', 'desc').limit(limit).execute();
    return rows.map((row) => ({
      id: row.id,
      atMs: row.at_ms,
      who: row.who,
      action: row.action,
      detail: Detail.parse(JSON.parse(row.detail_json)),
    }));
  },
};
