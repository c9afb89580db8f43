import { startTestCluster } from '#server/store/postgres/test-cluster.ts';

/** Starts a PostgreSQL for the tests of the store; vitest calls what it answers at the end. */
export async function setup(): Promise<() => Promise<void>> {
  const cluster = await startTestCluster();
  process.env['METALWRIGHT_TEST_POSTGRES'] = cluster.url('');
  return async () => await cluster[Symbol.asyncDispose]();
}
