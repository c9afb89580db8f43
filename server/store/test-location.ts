import { Client } from 'pg';

/** Set by `scripts/vitest.postgres-setup.ts`: URL of a database server, without the database. */
const server = process.env['TEST_POSTGRES_URL'];
/** Whether the store's tests run on PostgreSQL, where each statement takes longer. */
export const onPostgres = server !== undefined;
/** Database of that server with all tables, which new ones are copied from: to migrate takes ten times as long. */
export const MIGRATED_DATABASE = 'migrated';
const made = new Map<string, Promise<string>>();

/**
 * Where a test's store is: the path itself, or the database that stands for it where tests run on PostgreSQL.
 * A new one has its tables already, or is `empty`.
 */
export async function testLocation(path: string, what?: 'empty'): Promise<string> {
  if (server === undefined || path.startsWith('postgres')) return path;
  const template = what === 'empty' ? 'template0' : MIGRATED_DATABASE;
  // SQLite makes a new one each time.
  if (path === ':memory:') return await create(server, template);
  const known = made.get(path) ?? create(server, template);
  made.set(path, known);
  return await known;
}

async function create(root: string, template: string): Promise<string> {
  const name = `t${crypto.randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: `${root}postgres` });
  await client.connect();
  try {
    await client.query(`create database ${name} template ${template}`);
  } finally {
    await client.end();
  }
  return `${root}${name}`;
}
