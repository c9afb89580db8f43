import { type Kysely, sql } from 'kysely';
import { DeviceId, RunId } from '#agent/protocol/identity.ts';
import { unpackChunk } from './log-chunks.ts';
import type { Tables } from './tables.ts';

/** Which runs are searched, the newest first. */
export interface SearchedRuns {
  readonly run?: RunId | undefined;
  readonly device?: DeviceId | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

/** A line with the text. */
export interface SearchHit {
  readonly kind: 'log' | 'event';
  readonly at: number;
  readonly line: string;
}

/** Characters of a line that are shown. */
const LINE = 500;

export const logSearch = {
  /** The runs that heard anything in a time. */
  async runs(
    db: Kysely<Tables>,
    wish: SearchedRuns,
  ): Promise<{ id: RunId; deviceId: DeviceId; sequenceName: string }[]> {
    let query = db
      .selectFrom('runs')
      .select(['run_id', 'device_id', 'sequence_name'])
      .where('started_ms', '<', wish.toMs)
      .where('last_event_ms', '>=', wish.fromMs)
      .orderBy('started_ms', 'desc')
      .limit(wish.limit);
    if (wish.run !== undefined) query = query.where('run_id', '=', wish.run);
    if (wish.device !== undefined) query = query.where('device_id', '=', wish.device);
    return (await query.execute()).map((row) => ({
      id: RunId.parse(row.run_id),
      deviceId: DeviceId.parse(row.device_id),
      sequenceName: row.sequence_name,
    }));
  },

  /** Lines of one run with a text, without regard to case. Secrets are sealed in events, and hidden in logs. */
  async inRun(
    db: Kysely<Tables>,
    run: RunId,
    wish: { readonly text: string; readonly limit: number },
  ): Promise<SearchHit[]> {
    const wanted = wish.text.toLowerCase();
    const pattern = `%${wanted.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
    const lines: SearchHit[] = [];
    for await (const { start, text } of chunksOf(db, run)) {
      if (!text.toLowerCase().includes(wanted)) continue;
      for (const line of text.split('\n'))
        if (line.toLowerCase().includes(wanted))
          lines.push({ kind: 'log', at: start, line: line.slice(0, LINE) });
      if (lines.length >= wish.limit) break;
    }
    const events = await db
      .selectFrom('events')
      .select(['seq', 'fact_json'])
      .where('run_id', '=', run)
      .where(sql<boolean>`lower(fact_json) like ${pattern} escape '\\'`)
      .orderBy('seq')
      .limit(wish.limit)
      .execute();
    const facts = events
      .map(
        ({ seq, fact_json }) => ({ kind: 'event', at: seq, line: plainFact(fact_json) }) as const,
      )
      .filter(({ line }) => line.toLowerCase().includes(wanted));
    return [...lines, ...facts].slice(0, wish.limit);
  },
};

/** Chunks that are fetched at a time: 4 MiB of text. */
const CHUNKS = 64;

async function* chunksOf(db: Kysely<Tables>, run: RunId) {
  for (let from = 0; ; ) {
    const rows = await db
      .selectFrom('logs')
      .select(['start', 'bytes', 'text', 'zstd'])
      .where('run_id', '=', run)
      .where('start', '>=', from)
      .orderBy('start')
      .limit(CHUNKS)
      .execute();
    for (const row of rows) yield { start: row.start, text: unpackChunk(row).toString('utf8') };
    const last = rows.at(-1);
    if (last === undefined || rows.length < CHUNKS) return;
    from = last.start + last.bytes;
  }
}

/** A fact without its variables: secret ones are sealed, and are not shown at all. */
function plainFact(json: string): string {
  const { variables: _variables, ...rest }: Record<string, unknown> = JSON.parse(json);
  return JSON.stringify(rest).slice(0, LINE);
}
