import { useMemo } from 'react';
import { Lines, Name, Quiet, Row, Rows } from '../../../parts/rows.tsx';
import { editorText } from '../../../text/sequences.ts';
import { nameOf } from '../model/tree.ts';
import { usedVariables, type VariableUse } from '../model/variables.ts';
import classes from './editor.module.css';
import { chosen, type Editor } from './use-editor.ts';

const text = editorText.variables;

/** Every variable with where it is set and read (M11). */
export function VariablesPanel({
  editor,
  onShow,
}: {
  readonly editor: Editor;
  readonly onShow: () => void;
}) {
  const { sequence, places } = editor;
  const variables = useMemo(() => usedVariables(sequence), [sequence]);
  const names = useMemo(() => new Map(places.map(({ node }) => [node.id, nameOf(node)])), [places]);
  const show = (id: number) => {
    editor.choose(chosen(id));
    onShow();
  };
  const uses = (word: string, all: readonly VariableUse[]) => (
    <Lines>
      <Quiet>{word}</Quiet>
      <ul className={classes['uses']}>
        {all.map(({ node, where }) => (
          <li key={`${node} ${where}`}>
            <button type="button" className={classes['link']} onClick={() => show(node)}>
              {names.get(node)}
            </button>{' '}
            <Quiet>{where}</Quiet>
          </li>
        ))}
      </ul>
    </Lines>
  );
  return (
    <>
      <Quiet>{variables.length === 0 ? text.none : text.more}</Quiet>
      <Rows label={editorText.tabs.variables}>
        {variables.map(({ name, set, read }) => (
          <Row key={name}>
            <Lines>
              <Name>{name}</Name>
              {set.length === 0 && <Quiet>{text.notSet}</Quiet>}
              {read.length === 0 && <Quiet>{text.notRead}</Quiet>}
            </Lines>
            {set.length > 0 && uses(text.set, set)}
            {read.length > 0 && uses(text.read, read)}
          </Row>
        ))}
      </Rows>
    </>
  );
}
