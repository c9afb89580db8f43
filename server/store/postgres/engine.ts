import { setTimeout as delay } from 'node:timers/promises';
import type { Engine, EngineSettings } from '../engine.ts';
import { StoreError } from '../error.ts';
import { toPlainError } from '../group.ts';
import { type LockClass, lockClassOf } from '../lock-class.ts';
import type { CallAnswer, PlainError, StoreCall } from '../messages.ts';
import { migrate } from '../migrate.ts';
import { connectPostgres, type PostgresConnection } from './connection.ts';
import { commitUnknown, isConflict, isLost } from './errors.ts';
import { migrationLock, type Outcome, runTransaction } from './transaction.ts';

/** Connections and the calls to one commit, by lock class. `site` runs alone whatever is opened. */
const lanesOf: Readonly<Record<LockClass, { readonly count: number; readonly group: number }>> = {
  read: { count: 4, group: 32 },
  run: { count: 3, group: 64 },
  site: { count: 1, group: 64 },
};
/** How long a call is tried again when it is known that nothing of it was kept. */
const RETRY_MS = 4000;
const RECONNECT_PAUSE_MS = 200;
/** A server that is started with its database waits for it this long. */
const START_MS = 10_000;
/** Below it, PostgreSQL lacks nothing that is used, but is not tried. */
const MIN_VERSION = 130_000;

/**
 * The store on a PostgreSQL database, which other servers may use too (`lock-class.ts`). A database that
 * goes away fails calls with `store.unreachable`; connections are made anew when the next calls come.
 *
 * @throws {StoreError} `store.newer`, `store.encoding`, `store.postgresql-version`; the driver's errors
 */
export async function openPostgresEngine(url: string, settings: EngineSettings): Promise<Engine> {
  await prepare(url);
  const site = openLanes(url, 'site', settings);
  const lanes = {
    read: openLanes(url, 'read', settings, (call) => site.take(call)),
    run: openLanes(url, 'run', settings),
    site,
  };
  return {
    take: (call) => lanes[lockClassOf(call.aggregate, call.name)].take(call),
    async close() {
      await Promise.all([lanes.read.close(), lanes.run.close()]);
      await lanes.site.close();
    },
  };
}

/** Checks the database and migrates it, as the only one of all servers that start now. */
async function prepare(url: string): Promise<void> {
  const until = performance.now() + START_MS;
  const connection = await connectUntil(url, until, { statementMs: 600_000 });
  try {
    await checkDatabase(connection);
    await connection.exec(
      `set lock_timeout = 600000; set idle_in_transaction_session_timeout = 600000; ${migrationLock.take}`,
    );
    await migrate(connection);
    await connection.exec(migrationLock.give);
  } finally {
    await connection.close();
  }
}

async function connectUntil(
  url: string,
  until: number,
  options: { readonly statementMs?: number } = {},
): Promise<PostgresConnection> {
  for (;;) {
    try {
      return await connectPostgres(url, options);
    } catch (error) {
      if (!isLost(error) || performance.now() > until) throw error;
      await delay(RECONNECT_PAUSE_MS);
    }
  }
}

async function checkDatabase(connection: PostgresConnection): Promise<void> {
  const version = Number(await connection.show('server_version_num'));
  if (version < MIN_VERSION)
    throw new StoreError('store.postgresql-version', `PostgreSQL ${version} is too old`, {
      hint: 'Use PostgreSQL 13 or newer.',
    });
  const encoding = await connection.show('server_encoding');
  if (encoding !== 'UTF8')
    throw new StoreError('store.encoding', `The database has the encoding ${encoding}`, {
      hint: 'Make it anew: createdb --encoding UTF8 --template template0 <name>',
    });
}

interface Lanes {
  take(call: StoreCall): void;
  close(): Promise<void>;
}

/**
 * Connections that serve one queue; each is made when there is work for it.
 *
 * @param onWrite takes a call that is to change nothing and has to, as when a run is handed over
 */
function openLanes(
  url: string,
  lockClass: LockClass,
  settings: EngineSettings,
  onWrite?: (call: StoreCall) => void,
): Lanes {
  const { count, group } = lanesOf[lockClass];
  const { answer } = settings;
  const waiting: StoreCall[] = [];
  const idle: { connection: PostgresConnection | undefined }[] = Array.from(
    { length: count },
    () => ({ connection: undefined }),
  );
  const running = new Set<Promise<void>>();

  /** Whether it is one that has to write after all, and goes on to those who may. */
  const handOver = (one: CallAnswer, calls: readonly StoreCall[]): boolean => {
    const call = calls.find(({ id }) => id === one.id);
    if (one.ok || one.error.code !== 'store.read-only' || call === undefined) return false;
    onWrite?.(call);
    return onWrite !== undefined;
  };
  const attempt = async (lane: (typeof idle)[number], calls: StoreCall[]): Promise<Outcome> => {
    try {
      if (lane.connection?.isOpen() !== true) lane.connection = await connectPostgres(url);
    } catch (error) {
      return { kind: 'undone', error };
    }
    return await runTransaction(lane.connection, lockClass, calls, settings);
  };
  const run = async (lane: (typeof idle)[number], calls: StoreCall[]) => {
    const fail = (error: PlainError) => answer(calls.map(({ id }) => ({ id, ok: false, error })));
    const until = performance.now() + RETRY_MS;
    for (;;) {
      const outcome = await attempt(lane, calls);
      switch (outcome.kind) {
        case 'done':
          answer(outcome.answers.filter((one) => !handOver(one, calls)));
          return;
        case 'unknown':
          fail(toPlainError(commitUnknown()));
          return;
        case 'undone': {
          const { error } = outcome;
          const passes = isLost(error) || isConflict(error);
          if (!passes || performance.now() > until) {
            fail(toPlainError(error));
            return;
          }
          await delay(isLost(error) ? RECONNECT_PAUSE_MS : Math.random() * 20);
        }
      }
    }
  };
  const pump = () => {
    while (waiting.length > 0) {
      const lane = idle.pop();
      if (lane === undefined) return;
      // Spread over the connections that are free, so that short ones do not wait for each other.
      const share = Math.ceil(waiting.length / (idle.length + 1));
      const work = run(lane, waiting.splice(0, Math.min(share, group))).finally(() => {
        running.delete(work);
        idle.push(lane);
        pump();
      });
      running.add(work);
    }
  };
  return {
    take(call) {
      waiting.push(call);
      // What comes in the same turn goes together.
      if (waiting.length === 1) setImmediate(pump);
    },
    async close() {
      pump();
      while (running.size > 0) await Promise.all(running);
      await Promise.all(idle.flatMap(({ connection }) => connection?.close() ?? []));
    },
  };
}
