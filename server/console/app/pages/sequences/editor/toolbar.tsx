import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { editorText as text } from '../../../text/sequences.ts';
import { type Direction, gapAfter, gapByKey, insertNodes } from '../model/moves.ts';
import { changeNodes, type EditNode, isFields, withField } from '../model/tree.ts';
import classes from './editor.module.css';
import { useForm } from './form-context.ts';
import { copyChosen, pasteCopied } from './use-clipboard.ts';
import { chosen, type Editor, moveChosen } from './use-editor.ts';

/** What is done with the tree, beside its keys. */
export function Toolbar({
  editor,
  onRemove,
}: {
  readonly editor: Editor;
  readonly onRemove: () => void;
}) {
  const { reader } = useForm();
  const kinds = useMemo(() => reader.kinds(), [reader]);
  const { sequence, choice, history, focused, edit, places } = editor;
  const add = (fields: EditNode['fields'], steps: EditNode['steps']) => {
    const node: EditNode = { id: sequence.nextId, fields, steps };
    const gap =
      focused?.node.steps === null || focused === undefined
        ? gapAfter(sequence, choice.focus)
        : { parent: focused.node.id, before: null };
    edit(insertNodes({ ...sequence, nextId: sequence.nextId + 1 }, gap, [node]));
    editor.choose(chosen(node.id));
  };
  const addStep = (type: string) => {
    const kind = kinds.find((each) => each.type === type);
    if (kind === undefined) return;
    const params = reader.begin(kind.params);
    const hasParams = isFields(params) && Object.keys(params).length > 0;
    add({ step: kind.title, type, ...(hasParams ? { params } : {}) }, null);
  };
  const isNone = choice.ids.size === 0;
  const all = places.filter(({ node }) => choice.ids.has(node.id)).map(({ node }) => node);
  const isOff = all.length > 0 && all.every(({ fields }) => fields['disabled'] === true);
  const toggle = () => {
    const disabled = isOff ? undefined : true;
    edit(
      changeNodes(sequence, choice.ids, (node) => ({
        ...node,
        fields: withField(node.fields, 'disabled', disabled),
      })),
    );
  };
  const can = (direction: Direction) => gapByKey(sequence, choice.ids, direction) !== null;
  const button = { size: 'compact-sm', variant: 'default' } as const;
  return (
    <div className={classes['toolbar']} role="toolbar" aria-label={text.tree}>
      <Button {...button} disabled={history.past.length === 0} onClick={editor.undo}>
        {text.undo}
      </Button>
      <Button {...button} disabled={history.future.length === 0} onClick={editor.redo}>
        {text.redo}
      </Button>
      <NativeSelect
        size="xs"
        aria-label={text.addStep}
        value=""
        onChange={(event) => addStep(event.currentTarget.value)}
      >
        <option value="">{text.addStep}</option>
        {kinds.map(({ type, title }) => (
          <option key={type} value={type}>
            {title}
          </option>
        ))}
      </NativeSelect>
      <Button {...button} onClick={() => add({ group: text.newGroup }, [])}>
        {text.addGroup}
      </Button>
      <Button {...button} disabled={isNone} onClick={() => copyChosen(editor)}>
        {text.copy}
      </Button>
      <Button {...button} onClick={() => pasteCopied(editor)}>
        {text.paste}
      </Button>
      <Button {...button} disabled={isNone} onClick={toggle}>
        {isOff ? text.enable : text.disable}
      </Button>
      <Button {...button} disabled={isNone} onClick={onRemove}>
        {text.remove}
      </Button>
      <Button
        {...button}
        aria-label={text.up}
        disabled={!can('up')}
        onClick={() => moveChosen(editor, 'up')}
      >
        ↑
      </Button>
      <Button
        {...button}
        aria-label={text.down}
        disabled={!can('down')}
        onClick={() => moveChosen(editor, 'down')}
      >
        ↓
      </Button>
      <Button
        {...button}
        aria-label={text.out}
        disabled={!can('out')}
        onClick={() => moveChosen(editor, 'out')}
      >
        ←
      </Button>
      <Button
        {...button}
        aria-label={text.into}
        disabled={!can('in')}
        onClick={() => moveChosen(editor, 'in')}
      >
        →
      </Button>
    </div>
  );
}

/** Finds in the tree: what is found is marked, and Enter goes to the next. */
export function FindField({
  found,
  wanted,
  onWanted,
  editor,
}: {
  readonly found: readonly number[];
  readonly wanted: string;
  readonly onWanted: (wanted: string) => void;
  readonly editor: Editor;
}) {
  const [at, setAt] = useState(-1);
  const next = () => {
    const to = (at + 1) % Math.max(1, found.length);
    setAt(to);
    editor.choose(chosen(found[to] ?? editor.choice.focus));
  };
  return (
    <form
      className={classes['find']}
      onSubmit={(event) => {
        event.preventDefault();
        if (found.length > 0) next();
      }}
    >
      <TextInput
        size="xs"
        type="search"
        aria-label={text.find}
        placeholder={text.find}
        value={wanted}
        onChange={(event) => {
          setAt(-1);
          onWanted(event.currentTarget.value);
        }}
      />
      <Button size="compact-sm" variant="default" type="submit" disabled={found.length === 0}>
        {text.next}
      </Button>
      <span role="status" className={classes['quiet']}>
        {wanted.trim() === '' ? '' : text.found(Math.max(0, at + 1), found.length)}
      </span>
    </form>
  );
}
