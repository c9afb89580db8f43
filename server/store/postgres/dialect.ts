import {
  type DatabaseConnection,
  type Dialect,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import type { QueryResult } from 'pg';

/** Runs one statement. */
export type Query = (text: string, parameters: readonly unknown[]) => Promise<QueryResult>;

/**
 * Kysely's PostgreSQL over one connection that is there already. Kysely's own wants a pool, and takes
 * transactions in hand; here they belong to whoever groups the calls.
 */
export function singleConnectionDialect(query: Query): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery({ sql, parameters }) {
      const { command, rowCount, rows } = await query(sql, parameters);
      const changes = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
      return { rows, ...(changes ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
    },
    streamQuery: () => {
      throw new Error('no operation streams');
    },
  };
  const refuse = async () => {
    throw new Error('an operation is in a transaction already');
  };
  return {
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      releaseConnection: async () => {},
      beginTransaction: refuse,
      commitTransaction: refuse,
      rollbackTransaction: refuse,
      destroy: async () => {},
    }),
  };
}
