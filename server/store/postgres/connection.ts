import { Socket } from 'node:net';
import { Kysely } from 'kysely';
import { Client, type QueryConfig, type QueryResult } from 'pg';
import type { Connection } from '../connection.ts';
import type { Tables } from '../tables.ts';
import { askedOnce } from './asked-once.ts';
import { type Query, singleConnectionDialect } from './dialect.ts';
import { emptyLists } from './empty-lists.ts';
import { formatParameter, types } from './values.ts';

/** A connection is made within this, or not at all. */
const CONNECT_MS = 3000;
/** No statement takes longer; on the side of the database, and a little later on ours. */
const STATEMENT_MS = 15_000;
/** For a server that has stopped in the middle of a transaction: the others go on. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** Waiting for another's lock. */
const LOCK_MS = 10_000;
/** Statements kept prepared on a connection: the operations' few texts come again and again. */
const KEPT_STATEMENTS = 500;
/** Longer ones are inserts of many rows: each has another number of them. */
const LONGEST_KEPT = 4000;

/** One connection to PostgreSQL. */
export interface PostgresConnection extends Connection {
  exec(sql: string): Promise<void>;
  readonly query: Query;
  /** For one transaction that only reads: what is asked in the same words is asked once. */
  reader(): Kysely<Tables>;
  /** Ends a transaction for good. @throws when it was undone instead */
  commit(): Promise<void>;
  /** The value of a setting, `server_encoding`. */
  show(setting: string): Promise<string>;
  /** False: nothing can be asked any more. */
  isOpen(): boolean;
  close(): Promise<void>;
}

/**
 * Connects.
 *
 * @param url `postgres://user:password@host:port/database`, or `postgres:///database?host=<socket directory>`
 * @throws what the driver throws; `postgresProblem` knows it
 */
export async function connectPostgres(
  url: string,
  options: {
    readonly statementMs?: number;
    readonly onNotification?: (channel: string, payload: string) => void;
    readonly onEnd?: () => void;
  } = {},
): Promise<PostgresConnection> {
  const statementMs = options.statementMs ?? STATEMENT_MS;
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    // Ours, to cut it when a network has gone silent.
    stream: () => socket,
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'metalwright',
    statement_timeout: statementMs,
    lock_timeout: LOCK_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    types,
  });
  let open = true;
  let inTransaction = false;
  const end = () => {
    if (!open) return;
    open = false;
    inTransaction = false;
    options.onEnd?.();
  };
  // Both come for a connection that breaks; each pending query fails by itself.
  client.on('error', end);
  client.on('end', end);
  client.on('notification', ({ channel, payload = '' }) =>
    options.onNotification?.(channel, payload),
  );
  try {
    await client.connect();
  } catch (error) {
    open = false;
    socket.destroy();
    throw error;
  }

  let gathering = false;
  /** What is asked in one turn is sent by one call of the system: each wakes the database. */
  const gather = () => {
    if (gathering) return;
    gathering = true;
    socket.cork();
    // Runs when all promises that are settled have gone on, and asked what they have to ask.
    process.nextTick(() => {
      gathering = false;
      socket.uncork();
    });
  };
  const ask = async (query: QueryConfig): Promise<QueryResult> => {
    gather();
    const timer = setTimeout(
      () => socket.destroy(new Error('database: no answer')),
      statementMs + 2000,
    );
    try {
      return await client.query(query);
    } finally {
      clearTimeout(timer);
    }
  };
  const names = new Map<string, string>();
  const nameOf = (text: string) => {
    const known = names.get(text);
    if (known !== undefined || names.size >= KEPT_STATEMENTS || text.length > LONGEST_KEPT)
      return known;
    const name = `mw${names.size}`;
    names.set(text, name);
    return name;
  };
  const query: Query = async (text, parameters) => {
    const name = nameOf(text);
    const values = parameters.map(formatParameter);
    return await ask(name === undefined ? { text, values } : { name, text, values });
  };
  const plugins = [emptyLists()];
  const asking = (by: Query) =>
    new Kysely<Tables>({ dialect: singleConnectionDialect(by), plugins });
  return {
    db: asking(query),
    query,
    reader: () => asking(askedOnce(query)),
    async exec(sql) {
      await ask({ text: sql });
      if (/^begin\b/.test(sql)) inTransaction = true;
      if (/^(commit|rollback)$/.test(sql)) inTransaction = false;
    },
    async commit() {
      const { command } = await ask({ text: 'commit' });
      inTransaction = false;
      if (command !== 'COMMIT') throw new Error('the database undid the transaction');
    },
    async show(setting) {
      const { rows } = await ask({ text: `select current_setting('${setting}') as value` });
      return String(rows[0]?.value);
    },
    inTransaction: () => inTransaction,
    isOpen: () => open,
    async close() {
      open = false;
      await client.end().catch(() => undefined);
      socket.destroy();
    },
  };
}
