/**
 * A process for `migrate-cut.test.ts`: brings a database along and dies, as by a power cut, after so many
 * migrations.
 */
import { isPostgresUrl } from './location.ts';
import { type Migration, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { connectPostgres } from './postgres/connection.ts';
import { openSqlite } from './sqlite.ts';
import { keepBeforeMigration } from './sqlite-copy.ts';

const [location = '', after = ''] = process.argv.slice(2);
const die: Migration = async () => {
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
};
const all = [...migrations.slice(0, Number(after)), die];
if (isPostgresUrl(location)) {
  await migrate(await connectPostgres(location), all);
} else {
  const file = openSqlite(location);
  await keepBeforeMigration(location, file);
  await migrate(file, all);
}
