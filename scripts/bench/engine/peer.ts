import { mkdir, mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { keepInJournalFile } from '#agent/simulated-machine/testing/journal-file.ts';
import { checked, type Figure, told } from '../benchmark.ts';
import { interleaved } from '../medians.ts';

const CACHE = join(import.meta.dirname, '../../../.cache');
const FACTS = 400;
const ROUNDS = 5;
/** Figures of a file system in memory say nothing about syncs: `statfs` type of tmpfs. */
const TMPFS = 0x01021994;

/**
 * The same facts kept durably one by one: by our journal, and by SQLite (write-ahead log, synchronous
 * full) in the same folder, in turn. Every record is read back and compared.
 */
export async function benchPeer(): Promise<readonly Figure[]> {
  const parent = process.env['METALWRIGHT_BENCH_FOLDER'] ?? CACHE;
  await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent, 'bench-'));
  try {
    const facts = factsOf(FACTS);
    const wanted = facts.map((fact) => JSON.stringify(fact));
    let round = 0;
    let wrong = 0;
    const times = await interleaved(
      {
        journal: async () => {
          const kept = await keepInJournalFile(join(folder, `journal-${round}`), facts);
          wrong += differing(
            kept.events.map(({ fact }) => JSON.stringify(fact)),
            wanted,
          );
          return kept.keepMs;
        },
        sqlite: async () => {
          const kept = keepInSqlite(join(folder, `sqlite-${round++}`), wanted);
          wrong += differing(kept.facts, wanted);
          return kept.keepMs;
        },
      },
      ROUNDS,
    );
    const [journal, sqlite] = [times.get('journal'), times.get('sqlite')];
    if (journal === undefined || sqlite === undefined) throw new Error('nothing was run');
    const inMemory = (await statfs(folder)).type === TMPFS;
    const where = inMemory ? ' (in memory: syncs cost nothing here)' : '';
    return [
      told(
        `journal, one fact durable, median of ${ROUNDS}${where}`,
        journal.medianMs / FACTS,
        'ms',
      ),
      told('  SQLite, the same facts, in turn', sqlite.medianMs / FACTS, 'ms'),
      told('  SQLite / journal', sqlite.medianMs / journal.medianMs, 'times'),
      checked(
        '  records read back',
        wrong === 0,
        `${2 * FACTS * (ROUNDS + 1) - wrong} equal, ${wrong} not`,
      ),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

function keepInSqlite(path: string, facts: readonly string[]) {
  const database = new DatabaseSync(path);
  let keepMs: number;
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec('CREATE TABLE events (seq INTEGER PRIMARY KEY, fact TEXT NOT NULL)');
    const insert = database.prepare('INSERT INTO events (seq, fact) VALUES (?, ?)');
    const start = performance.now();
    for (const [index, fact] of facts.entries()) insert.run(index + 1, fact);
    keepMs = performance.now() - start;
  } finally {
    database.close();
  }
  const again = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = again.prepare('SELECT fact FROM events ORDER BY seq').all();
    return { keepMs, facts: rows.map((row) => String(row['fact'])) };
  } finally {
    again.close();
  }
}

/** Facts as a run has them: a condition, the start and the end of a step, in turn. */
function factsOf(count: number): readonly RunFact[] {
  return Array.from({ length: count }, (_, index): RunFact => {
    const stepId = StepId.parse(`${Math.floor(index / 3)}`);
    const step = { stepId, name: `Step ${stepId}`, attempt: 1 };
    if (index % 3 === 0)
      return {
        kind: 'condition-answered',
        stepId,
        verdict: true,
        detail: 'X exists: true (is "1")',
      };
    if (index % 3 === 1) return { kind: 'step-started', ...step };
    const variables = [{ name: 'Out', value: `line ${index}`, secret: false }];
    return { kind: 'step-finished', ...step, code: 0, succeeded: true, variables, durationMs: 10 };
  });
}

function differing(kept: readonly string[], wanted: readonly string[]): number {
  return (
    wanted.filter((fact, index) => kept[index] !== fact).length +
    Math.max(0, kept.length - wanted.length)
  );
}
