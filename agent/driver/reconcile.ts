import { isDeepStrictEqual } from 'node:util';
import type { RunEvent } from '../protocol/run-event.ts';

/** How the machine's copy of a run and the server's fit together. */
export type Reconciled =
  /** The server has what the journal has, or a beginning of it. */
  | { readonly kind: 'journal'; readonly have: number }
  /** The server has all of the journal and more: the journal was in memory, or was lost. */
  | { readonly kind: 'server'; readonly add: readonly RunEvent[] }
  /** They disagree about one event: two machines went on with one run. */
  | { readonly kind: 'forked'; readonly seq: number };

/** Compares the journal with the server's events of the same run, both from seq 1. */
export function reconcile(journal: readonly RunEvent[], server: readonly RunEvent[]): Reconciled {
  const shared = Math.min(journal.length, server.length);
  for (let index = 0; index < shared; index += 1)
    if (!isDeepStrictEqual(journal[index], server[index]))
      return { kind: 'forked', seq: index + 1 };
  return server.length > journal.length
    ? { kind: 'server', add: server.slice(journal.length) }
    : { kind: 'journal', have: server.length };
}
