import { randomUUID } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import { z } from 'zod';
import type { Run } from '../inventory/run.ts';
import { isHopeless, nextTry, placeOfUrl, shownUrl, WebhookEvent } from '../inventory/webhook.ts';
import { sealValue } from '../trust/variable-seal.ts';
import { StoreError } from './error.ts';
import type { Tables } from './tables.ts';

/** A webhook, its secret and its URL sealed. */
export interface Webhook {
  readonly id: string;
  /** As it is shown: `https://chat.example/…`. */
  readonly url: string;
  readonly sealedUrl: string;
  readonly events: readonly WebhookEvent[];
  readonly sealedSecret: string;
  readonly state: 'active' | 'disabled';
  /** The last failure, or why it is disabled; empty when all is well. */
  readonly reason: string;
  readonly failingSinceMs: number | null;
  readonly createdMs: number;
}

/** What is to be delivered now. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly bodyJson: string;
  readonly attempts: number;
  readonly createdMs: number;
  readonly webhook: Webhook;
}

/** Webhooks of a site; each is asked at every event. */
const MOST_WEBHOOKS = 50;
/** Rows that wait for one webhook at most: one that is away for a day must not fill the disk. */
const MOST_WAITING = 10_000;
const LEASE_MS = 60_000;

export const webhooks = {
  /** @throws {StoreError} `webhook.too-many` */
  async add(
    db: Kysely<Tables>,
    wish: Pick<Webhook, 'id' | 'url' | 'sealedUrl' | 'events' | 'sealedSecret'>,
    nowMs: number,
  ): Promise<Webhook> {
    if ((await webhooks.list(db)).length >= MOST_WEBHOOKS)
      throw new StoreError('webhook.too-many', `There are ${MOST_WEBHOOKS} webhooks already`, {
        hint: 'Remove one that is not used: metalwright webhook list.',
      });
    await db
      .insertInto('webhooks')
      .values({
        id: wish.id,
        url: wish.url,
        sealed_url: wish.sealedUrl,
        events_json: JSON.stringify(wish.events),
        secret: wish.sealedSecret,
        state: 'active',
        reason: '',
        failing_since_ms: null,
        created_ms: nowMs,
      })
      .execute();
    return await webhooks.get(db, wish.id);
  },

  async list(db: Kysely<Tables>): Promise<Webhook[]> {
    const rows = await db.selectFrom('webhooks').selectAll().orderBy('created_ms').execute();
    return rows.map(toWebhook);
  },

  /** Seals the URLs that an earlier version kept in the clear. @param key `SiteSecret.variableKey` */
  async sealUrls(db: Kysely<Tables>, key: Uint8Array): Promise<void> {
    const plain = await db
      .selectFrom('webhooks')
      .select(['id', 'url'])
      .where('sealed_url', '=', '')
      .execute();
    for (const { id, url } of plain)
      await db
        .updateTable('webhooks')
        .set({ url: shownUrl(url), sealed_url: sealValue(key, placeOfUrl(id), url) })
        .where('id', '=', id)
        .execute();
  },

  /** @throws {StoreError} `webhook.not-found` */
  async get(db: Kysely<Tables>, id: string): Promise<Webhook> {
    const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw new StoreError('webhook.not-found', `There is no webhook ${id}`);
    return toWebhook(row);
  },

  /** Takes it away with all that waits for it. */
  async remove(db: Kysely<Tables>, id: string): Promise<void> {
    await webhooks.get(db, id);
    await db.deleteFrom('webhook_outbox').where('webhook_id', '=', id).execute();
    await db.deleteFrom('webhooks').where('id', '=', id).execute();
  },

  /** Switches one on again that was disabled; what waits goes out at once. */
  async enable(db: Kysely<Tables>, id: string, nowMs: number): Promise<Webhook> {
    await webhooks.get(db, id);
    await db
      .updateTable('webhooks')
      .set({ state: 'active', reason: '', failing_since_ms: null })
      .where('id', '=', id)
      .execute();
    await db
      .updateTable('webhook_outbox')
      .set({ next_ms: nowMs })
      .where('webhook_id', '=', id)
      .execute();
    return await webhooks.get(db, id);
  },

  /** Puts a test into the outbox of one webhook, whatever it listens for. */
  async test(db: Kysely<Tables>, id: string, nowMs: number): Promise<void> {
    const webhook = await webhooks.get(db, id);
    await put(db, webhook, { event: 'webhook-test', nowMs, detail: {} });
  },

  /**
   * Takes some of what is due, for a minute: of two servers on one database one gets each, and when it dies
   * the other does after that.
   */
  async take(db: Kysely<Tables>, nowMs: number, limit = 20): Promise<Delivery[]> {
    const rows = await db
      .selectFrom('webhook_outbox')
      .innerJoin('webhooks', 'webhooks.id', 'webhook_outbox.webhook_id')
      .selectAll('webhook_outbox')
      .where(sql<boolean>`webhooks.state = 'active'`)
      .where('next_ms', '<=', nowMs)
      .where('lease_until_ms', '<=', nowMs)
      .orderBy('next_ms')
      .limit(limit)
      .execute();
    const taken: Delivery[] = [];
    for (const row of rows) {
      const leased = await db
        .updateTable('webhook_outbox')
        .set({ lease_until_ms: nowMs + LEASE_MS })
        .where('id', '=', row.id)
        .where('lease_until_ms', '<=', nowMs)
        .executeTakeFirst();
      if (leased.numUpdatedRows === 0n) continue;
      taken.push({
        id: row.id,
        event: row.event,
        bodyJson: row.body_json,
        attempts: row.attempts,
        createdMs: row.created_ms,
        webhook: await webhooks.get(db, row.webhook_id),
      });
    }
    return taken;
  },

  /** Notes what became of a delivery; `failure` is null where it arrived. Answers whether the webhook was disabled. */
  async settle(
    db: Kysely<Tables>,
    {
      id,
      attempts,
      createdMs,
      webhook,
    }: Pick<Delivery, 'id' | 'attempts' | 'createdMs' | 'webhook'>,
    outcome: { readonly failure: string | null; readonly nowMs: number },
  ): Promise<boolean> {
    const { failure, nowMs } = outcome;
    const next = failure === null ? null : nextTry({ attempts, createdMs }, nowMs);
    if (next === null) await db.deleteFrom('webhook_outbox').where('id', '=', id).execute();
    else
      await db
        .updateTable('webhook_outbox')
        .set({ attempts: attempts + 1, next_ms: next, lease_until_ms: 0 })
        .where('id', '=', id)
        .execute();
    const before = await db
      .selectFrom('webhooks')
      .select(['failing_since_ms', 'state'])
      .where('id', '=', webhook.id)
      .executeTakeFirst();
    const since = failure === null ? null : (before?.failing_since_ms ?? nowMs);
    const disabled = isHopeless(since, nowMs);
    await db
      .updateTable('webhooks')
      .set({
        failing_since_ms: since,
        reason: failure ?? '',
        ...(disabled ? { state: 'disabled' } : {}),
      })
      .where('id', '=', webhook.id)
      .execute();
    return disabled && before?.state === 'active';
  },
};

/** Puts what became of a run into the outboxes of those who listen, in the transaction that keeps it. */
export async function tellRuns(
  db: Kysely<Tables>,
  event: WebhookEvent,
  runs: readonly Run[],
  nowMs: number,
): Promise<void> {
  if (runs.length === 0 || (await listenersTo(db, event)).length === 0) return;
  for (const run of runs) await tellRun(db, event, run, nowMs);
}

/** The same of one run. */
export async function tellRun(
  db: Kysely<Tables>,
  event: WebhookEvent,
  run: Run,
  nowMs: number,
): Promise<void> {
  const listeners = await listenersTo(db, event);
  if (listeners.length === 0) return;
  const device = await db
    .selectFrom('devices')
    .select('name')
    .where('id', '=', run.deviceId)
    .executeTakeFirst();
  const { id, deviceId, deploymentId, sequenceId, sequenceName, state, error, startedMs } = run;
  const told = { id, deviceId, deploymentId, sequenceId, sequenceName, state, error, startedMs };
  const detail = { run: { ...told, deviceName: device?.name ?? null } };
  for (const webhook of listeners) await put(db, webhook, { event, nowMs, detail });
}

/** The same of a machine that waits for an operator. */
export async function tellWaiting(
  db: Kysely<Tables>,
  device: { readonly id: string; readonly name: string; readonly serialNumber: string | null },
  nowMs: number,
): Promise<void> {
  const { id, name, serialNumber } = device;
  for (const webhook of await listenersTo(db, 'device-waiting'))
    await put(db, webhook, {
      event: 'device-waiting',
      nowMs,
      detail: { device: { id, name, serialNumber } },
    });
}

async function listenersTo(db: Kysely<Tables>, event: WebhookEvent): Promise<Webhook[]> {
  return (await webhooks.list(db)).filter(({ events }) => events.includes(event));
}

async function put(
  db: Kysely<Tables>,
  webhook: Webhook,
  told: { readonly event: WebhookEvent; readonly nowMs: number; readonly detail: object },
): Promise<void> {
  const { event, nowMs, detail } = told;
  const { count } = await db
    .selectFrom('webhook_outbox')
    .select((select) => select.fn.countAll().as('count'))
    .where('webhook_id', '=', webhook.id)
    .executeTakeFirstOrThrow();
  if (Number(count) >= MOST_WAITING) return;
  const id = randomUUID();
  await db
    .insertInto('webhook_outbox')
    .values({
      id,
      webhook_id: webhook.id,
      event,
      body_json: JSON.stringify({ id, event, atMs: nowMs, ...detail }),
      created_ms: nowMs,
      next_ms: nowMs,
      attempts: 0,
      lease_until_ms: 0,
    })
    .execute();
}

function toWebhook(row: Tables['webhooks']): Webhook {
  return {
    id: row.id,
    url: row.url,
    sealedUrl: row.sealed_url,
    events: z.array(WebhookEvent).parse(JSON.parse(row.events_json)),
    sealedSecret: row.secret,
    state: row.state === 'active' ? 'active' : 'disabled',
    reason: row.reason,
    failingSinceMs: row.failing_since_ms,
    createdMs: row.created_ms,
  };
}
