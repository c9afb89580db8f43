/** Stands for `store/sqlite.ts` where the store's tests run on PostgreSQL (`scripts/vitest.interop.config.ts`). */
import { Kysely } from 'kysely';
import type { SqliteFile } from '../sqlite.ts';
import type { Tables } from '../tables.ts';
import { testLocation } from '../test-location.ts';
import { connectPostgres, type PostgresConnection } from './connection.ts';
import { singleConnectionDialect } from './dialect.ts';
import { emptyLists } from './empty-lists.ts';

/** A connection that is made when it is first used; what is asked meanwhile is asked in order. */
export function openSqlite(path: string): SqliteFile {
  let connection: Promise<PostgresConnection> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let open: PostgresConnection | undefined;
  const inOrder = <Value>(ask: (to: PostgresConnection) => Promise<Value>): Promise<Value> => {
    connection ??= testLocation(path, 'empty').then(
      async (url) => (open = await connectPostgres(url)),
    );
    const made = connection;
    const asked = last.then(async () => await ask(await made));
    last = asked.catch(() => undefined);
    return asked;
  };
  return {
    db: new Kysely<Tables>({
      dialect: singleConnectionDialect((text, parameters) =>
        inOrder((to) => to.query(text, parameters)),
      ),
      plugins: [emptyLists()],
    }),
    get: () => undefined,
    exec: (sql) => void inOrder((to) => to.exec(sql)),
    inTransaction: () => open?.inTransaction() ?? false,
    // What was asked before is answered before.
    close: () => void last.then(async () => await open?.close()),
  };
}
