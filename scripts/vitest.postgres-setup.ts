import { migrate } from '#server/store/migrate.ts';
import { connectPostgres } from '#server/store/postgres/connection.ts';
import { startTestCluster } from '#server/store/postgres/test-cluster.ts';
import { MIGRATED_DATABASE } from '#server/store/test-location.ts';

/** Starts a PostgreSQL for the tests of the store; vitest calls what it answers at the end. */
export async function setup(): Promise<() => Promise<void>> {
  const cluster = await startTestCluster();
  cluster.createDatabase(MIGRATED_DATABASE);
  const connection = await connectPostgres(cluster.url(MIGRATED_DATABASE));
  await migrate(connection);
  await connection.close();
  process.env['TEST_POSTGRES_URL'] = cluster.url('');
  return async () => await cluster[Symbol.asyncDispose]();
}
