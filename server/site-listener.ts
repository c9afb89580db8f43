import { setTimeout as delay } from 'node:timers/promises';
import { connectPostgres, type PostgresConnection } from './store/postgres/connection.ts';

/** Channel of `listen` and `notify`; it is of one database, as the site is. */
const CHANNEL = 'metalwright_site';
/** Before a connection that broke is made anew; what is told meanwhile is found by reading. */
const RECONNECT_MS = 5000;

/** What servers of a site call to each other through their database, without being asked. */
export interface SiteListener {
  /** Wakes the others: there is something to read. What cannot be told now they find by reading. */
  tell(): void;
  /** Whether what others tell is heard now. */
  isHearing(): boolean;
  close(): Promise<void>;
}

/**
 * Listens on a connection of its own, which is made anew when it breaks. A word carries nothing: whoever is
 * woken reads, so one that is lost is late, and one that comes twice is read for nothing.
 *
 * @param onWake called when another server has told something, and after each (new) connection
 */
export function startSiteListener(settings: {
  readonly url: string;
  /** Of this server: its own words wake nobody here. */
  readonly id: string;
  readonly onWake: () => void;
}): SiteListener {
  const { url, id, onWake } = settings;
  const stop = new AbortController();
  let connection: PostgresConnection | undefined;

  const hear = async () => {
    const ended = Promise.withResolvers<void>();
    const made = await connectPostgres(url, {
      onNotification: (channel, payload) => {
        if (channel === CHANNEL && payload !== id) onWake();
      },
      onEnd: ended.resolve,
    });
    try {
      await made.exec(`listen ${CHANNEL}`);
      connection = made;
      onWake();
      stop.signal.addEventListener('abort', () => ended.resolve(), { once: true });
      if (!stop.signal.aborted) await ended.promise;
    } finally {
      connection = undefined;
      await made.close();
    }
  };
  const run = async () => {
    while (!stop.signal.aborted) {
      // A database that is away is told of by those who read it.
      await hear().catch(() => undefined);
      await delay(RECONNECT_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    tell() {
      // The id is a UUID of ours: nothing in it needs quoting.
      void connection?.exec(`select pg_notify('${CHANNEL}', '${id}')`).catch(() => undefined);
    },
    isHearing: () => connection !== undefined,
    async close() {
      stop.abort();
      await running;
    },
  };
}
