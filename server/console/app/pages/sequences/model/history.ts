import type { EditSequence } from './tree.ts';

/** How many edits can be undone. */
const MOST_EDITS = 500;

/** What was, what is, and what was undone. */
export interface History {
  readonly past: readonly EditSequence[];
  readonly present: EditSequence;
  readonly future: readonly EditSequence[];
  /** What the last edit was of: keystrokes in one field are one edit. */
  readonly of: string | null;
}

export type HistoryEvent =
  | { readonly kind: 'edited'; readonly sequence: EditSequence; readonly of?: string }
  | { readonly kind: 'undone' }
  | { readonly kind: 'redone' }
  /** The next keystroke is an edit of its own. */
  | { readonly kind: 'left' };

/** The beginning of an edit. */
export function startHistory(present: EditSequence): History {
  return { past: [], present, future: [], of: null };
}

/** What becomes of a history. */
export function reduceHistory(history: History, event: HistoryEvent): History {
  const { past, present, future } = history;
  switch (event.kind) {
    case 'edited': {
      const { sequence, of = null } = event;
      if (sequence === present) return history;
      const joins = of !== null && of === history.of;
      return {
        past: joins ? past : [...past, present].slice(-MOST_EDITS),
        present: sequence,
        future: [],
        of,
      };
    }
    case 'undone': {
      const before = past.at(-1);
      if (before === undefined) return history;
      return { past: past.slice(0, -1), present: before, future: [present, ...future], of: null };
    }
    case 'redone': {
      const [next, ...rest] = future;
      if (next === undefined) return history;
      return { past: [...past, present], present: next, future: rest, of: null };
    }
    case 'left':
      return history.of === null ? history : { ...history, of: null };
  }
}
