import { editorText } from '../../../text/sequences.ts';
import { withField } from '../model/tree.ts';
import classes from './form.module.css';
import { useForm } from './form-context.ts';
import { SchemaField } from './schema-field.tsx';
import type { Editor } from './use-editor.ts';

/** Written by tools, or edited elsewhere. */
const notShown = new Set(['$schema', 'steps', 'options', 'origin']);

/** What is said of the task sequence itself: its name, its boot image. */
export function SequenceForm({ editor }: { readonly editor: Editor }) {
  const { reader } = useForm();
  const { sequence, base } = editor;
  const name = sequence.fields['name'];
  return (
    <div className={classes['form']} onBlur={editor.leaveField}>
      {base.id !== null && typeof name === 'string' && name !== base.name && (
        <p className={classes['help']}>{editorText.save.renamed(name)}</p>
      )}
      {reader
        .ofSequence()
        .filter((field) => !notShown.has(field.name))
        .map((field) => (
          <SchemaField
            key={field.name}
            {...field}
            isRequired={field.isRequired || field.name === 'name'}
            value={sequence.fields[field.name]}
            path={field.name}
            onChange={(value) =>
              editor.edit(
                { ...sequence, fields: withField(sequence.fields, field.name, value) },
                `sequence ${field.name}`,
              )
            }
          />
        ))}
    </div>
  );
}
