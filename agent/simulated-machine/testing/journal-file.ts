import { RunId } from '#agent/protocol/identity.ts';
import type { RunEvent, RunFact } from '#agent/protocol/run-event.ts';
import { parseJournal } from '../../journal/format.ts';
import { openFileMedium } from '../../journal/medium.ts';
import { Journal } from '../../journal.ts';

const header = {
  runId: RunId.parse('6a1f0b52-9d2e-4d7c-8f6e-0a1b2c3d4e5f'),
  machineKey: 'k',
  resumeToken: 'token',
  siteFingerprint: 's',
};

/**
 * Keeps facts in a journal in a file, each durable before the next one; and reads the file again.
 * `keepMs` is the time of the facts alone: the file is made before.
 */
export async function keepInJournalFile(
  path: string,
  facts: readonly RunFact[],
): Promise<{ readonly keepMs: number; readonly events: readonly RunEvent[] }> {
  const medium = await openFileMedium(path, { create: true });
  const journal = new Journal(header);
  let keepMs = 0;
  try {
    await journal.moveTo(medium);
    const start = performance.now();
    for (const fact of facts) {
      journal.append(fact, 0);
      await journal.sync();
    }
    keepMs = performance.now() - start;
  } finally {
    await journal.leave();
  }
  const again = await openFileMedium(path, { create: false });
  try {
    return { keepMs, events: parseJournal(await again.read())?.events ?? [] };
  } finally {
    await again.close();
  }
}
