import { Checkbox, Textarea, TextInput } from '@mantine/core';
import { useMemo } from 'react';
import { Quiet } from '../../../parts/rows.tsx';
import { editorText } from '../../../text/sequences.ts';
import { problemsAt } from '../model/problems.ts';
import { nameOf, typeOf, withField } from '../model/tree.ts';
import { ConditionBuilder } from './condition-builder.tsx';
import classes from './form.module.css';
import { useForm } from './form-context.ts';
import { SchemaFields } from './schema-field.tsx';
import type { Editor } from './use-editor.ts';

const text = editorText.fields;

/** The form of the group or step that has the focus. */
export function NodeForm({ editor }: { readonly editor: Editor }) {
  const { reader, canEdit, problems } = useForm();
  const kinds = useMemo(() => reader.kinds(), [reader]);
  const { focused, choice } = editor;
  if (focused === undefined) return <Quiet>{editorText.nothingChosen}</Quiet>;
  const { node } = focused;
  const { fields, id } = node;
  const isGroup = node.steps !== null;
  const kind = kinds.find(({ type }) => type === typeOf(node));
  const set = (name: string, value: unknown) =>
    editor.change(
      id,
      (before) => ({ ...before, fields: withField(before.fields, name, value) }),
      isTyping() ? `${id} ${name}` : undefined,
    );
  const isOn = (name: string) => fields[name] === true;
  return (
    // Whoever leaves a field has ended an edit, which is undone by itself.
    <div className={classes['form']} onBlur={editor.leaveField} key={id}>
      {choice.ids.size > 1 && <Quiet>{editorText.chosen(choice.ids.size)}</Quiet>}
      {kind !== undefined && (
        <div>
          <strong>{kind.title}</strong>
          <p className={classes['help']}>{kind.help}</p>
        </div>
      )}
      {problemsAt(problems, '').map(({ message, hint }) => (
        <p key={message} className={classes['wrong']}>
          {message} {hint}
        </p>
      ))}
      <TextInput
        label={text.name}
        required
        readOnly={!canEdit}
        value={nameOf(node)}
        error={problemsAt(problems, isGroup ? 'group' : 'step')[0]?.message}
        onChange={(event) => set(isGroup ? 'group' : 'step', event.currentTarget.value)}
      />
      <Textarea
        label={text.description}
        rows={2}
        readOnly={!canEdit}
        value={typeof fields['description'] === 'string' ? fields['description'] : ''}
        onChange={(event) => set('description', event.currentTarget.value || undefined)}
      />
      <Checkbox
        label={text.disabled}
        description={text.disabledHelp}
        disabled={!canEdit}
        checked={isOn('disabled')}
        onChange={(event) => set('disabled', event.currentTarget.checked || undefined)}
      />
      <Checkbox
        label={text.continueOnError}
        description={text.continueHelp}
        disabled={!canEdit}
        checked={isOn('continueOnError')}
        onChange={(event) => set('continueOnError', event.currentTarget.checked || undefined)}
      />
      {kind !== undefined && (
        <>
          <h2 className={classes['heading']}>{text.settings}</h2>
          {reader.fieldsOf(kind.params).length === 0 && <Quiet>{text.noSettings}</Quiet>}
          <SchemaFields
            schema={kind.params}
            value={fields['params']}
            path="params"
            onChange={(params) => set('params', params)}
          />
        </>
      )}
      <h2 className={classes['heading']}>{text.condition}</h2>
      <ConditionBuilder
        value={fields['condition']}
        path="condition"
        onChange={(condition) => set('condition', condition)}
      />
    </div>
  );
}

/** Keystrokes in one field are one edit; each press of a button, each choice is one of its own. */
function isTyping(): boolean {
  const { activeElement: at } = document;
  return (
    at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && at.type !== 'checkbox')
  );
}
