import type { JournalHeader } from '../journal/format.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { FoundJournal } from '../journal/places.ts';
import { Journal } from '../journal.ts';
import type { RunGrant } from '../protocol/policy.ts';
import type { RunEvent } from '../protocol/run-event.ts';
import { findNode } from '../sequence/engine.ts';
import type { TaskSequence } from '../sequence/task-sequence.ts';
import { TransportError } from '../transport/transport-error.ts';
import { reconcile } from './reconcile.ts';

/** A journal to go on with, and whose copy it follows. */
export interface TakenUp {
  readonly journal: Journal;
  readonly from: 'journal' | 'server';
  /** Seq of the last event that the server has. */
  readonly have: number;
}

/**
 * Takes up a run: the journal of this machine and the server's copy are held against each other. The
 * longer one counts where one begins like the other; else two machines went on with one run.
 * @throws {TransportError} `run.forked`; {JournalError} `journal.damaged`
 */
export async function takeUp(
  found: readonly FoundJournal[],
  run: {
    readonly grant: RunGrant;
    readonly sequence: TaskSequence;
    readonly header: JournalHeader;
    readonly serverEvents: readonly RunEvent[];
  },
): Promise<TakenUp> {
  const { header, serverEvents } = run;
  const own = found.find(
    (journal) =>
      journal.kind === 'journal' &&
      journal.parsed.header.runId === header.runId &&
      journal.parsed.header.machineKey === header.machineKey,
  );
  const have = serverEvents.length;
  if (own?.kind !== 'journal') {
    const damaged = found.find(({ kind }) => kind === 'damaged');
    // Before this run destroyed anything, what is damaged is what an earlier one left.
    if (damaged?.kind === 'damaged' && hasDestroyed(run.sequence, serverEvents))
      throw new JournalError(damaged.error.code, `${damaged.where}: ${damaged.error.message}`, {
        ...(damaged.error.hint === undefined ? {} : { hint: damaged.error.hint }),
        cause: damaged.error,
      });
    return { journal: new Journal(header, serverEvents), from: 'server', have };
  }
  const journal = Journal.reopen(own.parsed, own.medium, own.temporary);
  const fit = reconcile(journal.events, serverEvents);
  switch (fit.kind) {
    case 'forked':
      throw new TransportError(
        'run.forked',
        `event ${fit.seq} of run ${header.runId} is another one here than on the server`,
        {
          status: 409,
          hint: 'Two machines went on with one run: was the disk cloned? Deploy this machine anew.',
        },
      );
    case 'server':
      for (const event of fit.add) journal.adopt(event);
      await journal.sync();
      return { journal, from: 'server', have };
    case 'journal':
      break;
  }
  return { journal, from: 'journal', have };
}

function hasDestroyed(sequence: TaskSequence, events: readonly RunEvent[]): boolean {
  return events.some(({ fact }) => {
    const node = fact.kind === 'step-started' ? findNode(sequence, fact.stepId) : undefined;
    return node?.kind === 'step' && node.destructive;
  });
}
