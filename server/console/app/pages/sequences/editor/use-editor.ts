import { useCallback, useEffect, useMemo, useReducer, useState } from 'react';
import { announce } from '../../../shell/notify.tsx';
import { editorText } from '../../../text/sequences.ts';
import { type History, reduceHistory, startHistory } from '../model/history.ts';
import { type Direction, gapByKey, moveNodes } from '../model/moves.ts';
import { changeNodes, type EditNode, type EditSequence, listNodes, nameOf } from '../model/tree.ts';

/** The version that an edit began with. */
export interface Opened {
  /** Null for one that is new. */
  readonly id: string | null;
  readonly name: string;
  /** The newest version when it was opened; 0 for one that is new. */
  readonly version: number;
  readonly format: 'yaml' | 'json';
}

/** What is chosen in the tree. */
export interface Choice {
  /** The node with the focus, which the form shows. */
  readonly focus: number | null;
  readonly ids: ReadonlySet<number>;
  /** Where a range begins. */
  readonly anchor: number | null;
}

interface Unsaved {
  readonly history: History;
  /** What the server has; null for one that is new. */
  readonly saved: EditSequence | null;
  readonly opened: Opened;
}

/** Edits that were not saved when somebody went to another page: they are there when he comes back. */
const unsaved = new Map<string, Unsaved>();

/** An edit of a task sequence: what it is now, what is chosen, what can be undone. */
export function useEditor(opened: Opened, read: () => EditSequence) {
  const key = opened.id ?? `new ${opened.name}`;
  const [kept] = useState(() => unsaved.get(key));
  const [base, setBase] = useState<Opened>(kept?.opened ?? opened);
  const [history, send] = useReducer(
    reduceHistory,
    null,
    (): History => kept?.history ?? startHistory(read()),
  );
  // What the server has: one that is new has nothing yet.
  const [saved, setSaved] = useState<EditSequence | null>(() => {
    if (kept !== undefined) return kept.saved;
    return opened.id === null ? null : history.present;
  });
  const [choice, setChoice] = useState<Choice>(() => chosen(history.present.steps[0]?.id ?? null));
  const sequence = history.present;
  const isChanged = sequence !== saved;

  useEffect(() => {
    if (isChanged && history.past.length > 0) unsaved.set(key, { history, saved, opened: base });
    else unsaved.delete(key);
  }, [key, isChanged, saved, history, base]);
  useEffect(() => {
    if (!isChanged) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isChanged]);

  const edit = useCallback(
    (next: EditSequence, of?: string) =>
      send({ kind: 'edited', sequence: next, ...(of === undefined ? {} : { of }) }),
    [],
  );
  const places = useMemo(() => listNodes(sequence), [sequence]);
  const focused = places.find(({ node }) => node.id === choice.focus);
  return {
    base,
    sequence,
    history,
    isChanged,
    isRestored: kept !== undefined,
    places,
    focused,
    choice,
    choose: setChoice,
    edit,
    /** Changes one node; what has the same `of` is one edit. */
    change: (id: number, change: (node: EditNode) => EditNode, of?: string) =>
      edit(changeNodes(sequence, new Set([id]), change), of),
    undo: () => send({ kind: 'undone' }),
    redo: () => send({ kind: 'redone' }),
    leaveField: () => send({ kind: 'left' }),
    /** What is here is what the server has. */
    noteSaved: (next: Opened) => {
      setBase(next);
      setSaved(sequence);
    },
    /** The edit is begun anew from what the server has. */
    forget: () => unsaved.delete(key),
  };
}
export type Editor = ReturnType<typeof useEditor>;

/** One node is chosen, or none. */
export function chosen(id: number | null): Choice {
  return { focus: id, ids: new Set(id === null ? [] : [id]), anchor: id };
}

/** Moves what is chosen, where it can go. */
export function moveChosen({ sequence, choice, focused, edit }: Editor, to: Direction): void {
  const gap = gapByKey(sequence, choice.ids, to);
  if (gap === null) return;
  edit(moveNodes(sequence, choice.ids, gap));
  if (focused !== undefined) announce(editorText.moved(nameOf(focused.node)));
}
