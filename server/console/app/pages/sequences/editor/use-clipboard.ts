import { type RefObject, useEffect, useEffectEvent } from 'react';
import { announce, fail } from '../../../shell/notify.tsx';
import { editorText as text } from '../../../text/sequences.ts';
import { gapAfter, insertNodes, renumbered, topmost } from '../model/moves.ts';
import { clipboardText, pastedNodes } from '../model/text.ts';
import type { Editor } from './use-editor.ts';

/** What was copied last by the button: a browser lets a page read its clipboard only when a person pastes. */
let copied = '';

/** Puts the chosen nodes into the clipboard, as YAML; where a browser does not allow that, they can be pasted here. */
export function copyChosen(editor: Editor): void {
  copied = copyText(editor);
  navigator.clipboard?.writeText(copied).catch(() => {});
}

/** Pastes what the button has copied last, in this task sequence or in another. */
export function pasteCopied(editor: Editor): void {
  pasteText(editor, copied);
}

/** Copies, cuts and pastes by the keys of the system while the tree has the focus. */
export function useTreeClipboard(
  editor: Editor,
  options: {
    readonly tree: RefObject<HTMLElement | null>;
    readonly canEdit: boolean;
    readonly onRemove: () => void;
  },
): void {
  const on = useEffectEvent((event: ClipboardEvent) => {
    const { tree, canEdit, onRemove } = options;
    if (document.activeElement !== tree.current || event.clipboardData === null) return;
    if (event.type === 'paste') {
      if (canEdit) pasteText(editor, event.clipboardData.getData('text/plain'));
    } else {
      copied = copyText(editor);
      event.clipboardData.setData('text/plain', copied);
      if (event.type === 'cut' && canEdit) onRemove();
    }
    event.preventDefault();
  });
  useEffect(() => {
    const listener = (event: ClipboardEvent) => on(event);
    const types = ['copy', 'cut', 'paste'] as const;
    for (const type of types) document.addEventListener(type, listener);
    return () => {
      for (const type of types) document.removeEventListener(type, listener);
    };
  }, []);
}

function copyText({ sequence, choice }: Editor): string {
  const nodes = topmost(sequence, choice.ids);
  announce(text.copied(nodes.length));
  return clipboardText(nodes);
}

function pasteText({ sequence, choice, edit, choose }: Editor, pasted: string): void {
  const nodes = pasted.trim() === '' ? null : pastedNodes(pasted);
  if (nodes === null || nodes.length === 0) {
    fail(new Error(text.noPaste));
    return;
  }
  const fresh = renumbered(sequence, nodes);
  edit(insertNodes(fresh.sequence, gapAfter(sequence, choice.focus), fresh.nodes));
  const [first] = fresh.nodes;
  choose({
    focus: first?.id ?? null,
    ids: new Set(fresh.nodes.map(({ id }) => id)),
    anchor: first?.id ?? null,
  });
  announce(text.pasted(nodes.length));
}
