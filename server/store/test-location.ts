import { Client } from 'pg';

/** Set by `scripts/vitest.postgres-setup.ts`: URL of a database server, without the database. */
const server = process.env['METALWRIGHT_TEST_POSTGRES'];
const made = new Map<string, Promise<string>>();

/** Where a test's store is: the path itself, or the database that stands for it where tests run on PostgreSQL. */
export async function testLocation(path: string): Promise<string> {
  if (server === undefined || path.startsWith('postgres')) return path;
  // SQLite makes a new one each time.
  if (path === ':memory:') return await create(server);
  const known = made.get(path) ?? create(server);
  made.set(path, known);
  return await known;
}

async function create(root: string): Promise<string> {
  const name = `t${crypto.randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: `${root}postgres` });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return `${root}${name}`;
}
