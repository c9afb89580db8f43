import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestConsole } from './test-console.ts';

/**
 * Notes what a test console has stored; for tests. @returns puts that back: every row of the database, and
 * no content. Its threads go on meanwhile: to start them anew takes twenty times as long.
 */
export function noteContents(site: TestConsole): () => Promise<void> {
  const path = join(site.dataDirectory, 'site.sqlite');
  const noted = join(site.dataDirectory, 'noted.sqlite');
  const before = new DatabaseSync(path);
  before.prepare('vacuum into ?').run(noted);
  before.close();
  return async () => {
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: 5000 });
    database.prepare('attach ? as noted').run(noted);
    const tables = database
      .prepare(
        "select name from noted.sqlite_schema where type = 'table' and name not like 'sqlite_%'",
      )
      .all();
    database.exec('begin immediate');
    for (const table of tables) {
      const name = String(table['name']);
      database.exec(
        `delete from main."${name}"; insert into main."${name}" select * from noted."${name}"`,
      );
    }
    database.exec('commit');
    database.close();
    const content = join(site.dataDirectory, 'content');
    for (const folder of await readdir(content))
      if (folder !== 'incoming') await rm(join(content, folder), { recursive: true });
  };
}
