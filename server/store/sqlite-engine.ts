import { startCheckpointer } from './checkpoint.ts';
import type { Engine, EngineSettings } from './engine.ts';
import { runGroup } from './group.ts';
import type { StoreCall } from './messages.ts';
import { migrate } from './migrate.ts';
import { openSqlite } from './sqlite.ts';
import { keepBeforeMigration } from './sqlite-copy.ts';

/** Calls to one commit at most, so that nobody waits for a whole flood. */
const GROUP_LIMIT = 256;

/**
 * The store on one SQLite file, which this process alone writes: all calls that wait run in one transaction.
 *
 * @throws {StoreError} `store.newer`, `store.corrupt`, `store.no-room`; SQLite's own errors
 */
export async function openSqliteEngine(
  path: string,
  { perform, planTogether, answer }: EngineSettings,
): Promise<Engine> {
  const file = openSqlite(path);
  await keepBeforeMigration(path, file);
  await migrate(file);
  const checkpointer = startCheckpointer(path, file);
  const waiting: StoreCall[] = [];
  let running: Promise<void> | undefined;

  const serve = async () => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, GROUP_LIMIT);
      const together = planTogether(group);
      answer(
        await runGroup(file, group, {
          perform: (call) => perform(file.db, call),
          together: together && (() => together(file.db)),
        }),
      );
      checkpointer.look();
      // Lets the calls in that came meanwhile: they make the next group.
      await new Promise((resolve) => setImmediate(resolve));
    }
    running = undefined;
  };
  return {
    take(call) {
      waiting.push(call);
      running ??= serve();
    },
    async close() {
      await running;
      await checkpointer.close();
      file.close();
    },
  };
}
