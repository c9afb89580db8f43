import { Button, Textarea } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Quiet } from '../../../parts/rows.tsx';
import { announce } from '../../../shell/notify.tsx';
import { editorText } from '../../../text/sequences.ts';
import { readText, textOf } from '../model/text.ts';
import classes from './editor.module.css';
import { useForm } from './form-context.ts';
import { chosen, type Editor } from './use-editor.ts';

const text = editorText.yaml;

/** The text of the document. What is typed is taken over as one edit, which can be undone. */
export function YamlPanel({ editor }: { readonly editor: Editor }) {
  const { canEdit } = useForm();
  const { sequence } = editor;
  const written = useMemo(() => textOf(sequence), [sequence]);
  const [typed, setTyped] = useState<string | null>(null);
  const read = useMemo(
    () => (typed === null ? null : readText(typed, sequence.nextId)),
    [typed, sequence.nextId],
  );
  const shown = typed ?? written;
  return (
    <>
      <Textarea
        className={classes['code'] ?? ''}
        label={text.label}
        description={text.help}
        rows={Math.max(12, Math.min(32, shown.split('\n').length))}
        spellCheck={false}
        readOnly={!canEdit}
        value={shown}
        error={read !== null && !read.ok ? text.wrong(read.message) : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {typed !== null && (
        <div className={classes['actions']}>
          <Button
            size="xs"
            disabled={read === null || !read.ok}
            onClick={() => {
              if (read === null || !read.ok) return;
              editor.edit(read.sequence);
              editor.choose(chosen(read.sequence.steps[0]?.id ?? null));
              setTyped(null);
              announce(text.taken);
            }}
          >
            {text.take}
          </Button>
          <Button size="xs" variant="default" onClick={() => setTyped(null)}>
            {text.back}
          </Button>
        </div>
      )}
      {!canEdit && <Quiet>{editorText.readOnly}</Quiet>}
    </>
  );
}
