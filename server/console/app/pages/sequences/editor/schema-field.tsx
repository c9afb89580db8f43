import { Button, NativeSelect } from '@mantine/core';
import { editorText } from '../../../text/sequences.ts';
import { type FormField, type Schema, type Shape, shapeOf } from '../model/form.ts';
import { isFields, withField } from '../model/tree.ts';
import classes from './form.module.css';
import { type FieldProps, useForm, within } from './form-context.ts';
import {
  ChoiceField,
  NumberField,
  ReferenceField,
  SwitchField,
  TextField,
  YamlField,
} from './plain-fields.tsx';
import { Framed, Unsaid, Wrongs } from './setting-frame.tsx';

const text = editorText.form;

/** All settings of a schema, each by the control that fits it. */
export function SchemaFields({
  schema,
  value,
  path,
  onChange,
}: Pick<FieldProps, 'schema' | 'value' | 'path' | 'onChange'>) {
  const { reader } = useForm();
  const fields = isFields(value) ? value : {};
  return reader
    .fieldsOf(schema)
    .map((field: FormField) => (
      <SchemaField
        key={field.name}
        {...field}
        value={fields[field.name]}
        path={within(path, field.name)}
        onChange={(inner) => onChange(withField(fields, field.name, inner))}
      />
    ));
}

/** One setting. */
export function SchemaField(props: FieldProps) {
  const { reader } = useForm();
  const { value } = props;
  const control = reader.control(props.schema);
  // A %Variable% may stand in the place of anything.
  const isVariable = typeof value === 'string' && value.includes('%');
  switch (control.kind) {
    case 'text':
      return <TextField {...props} {...control} />;
    case 'number':
      return <NumberField {...props} />;
    case 'switch':
      return isVariable ? <TextField {...props} /> : <SwitchField {...props} />;
    case 'choice':
      return isVariable ? (
        <TextField {...props} />
      ) : (
        <ChoiceField {...props} options={control.options} />
      );
    case 'reference':
      return isVariable ? <TextField {...props} /> : <ReferenceField {...props} />;
    case 'free':
      return <YamlField {...props} />;
    case 'fields':
      if (!isFields(value)) return <Unsaid {...props} />;
      return (
        <Framed {...props}>
          <SchemaFields {...props} />
        </Framed>
      );
    case 'list':
      if (!Array.isArray(value)) return <Unsaid {...props} />;
      return <ListField {...props} items={value} item={control.item} />;
    case 'shapes':
      return isVariable ? (
        <TextField {...props} />
      ) : (
        <ShapesField {...props} shapes={control.shapes} />
      );
  }
}

function ListField({
  items,
  item,
  ...props
}: FieldProps & { readonly items: readonly unknown[]; readonly item: Schema }) {
  const { reader, canEdit } = useForm();
  const { title, path, onChange } = props;
  return (
    <Framed {...props}>
      {items.map((value, index) => {
        const name = text.item(title, index + 1);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- items have nothing else that names them
          <div key={index} className={classes['item']}>
            <SchemaField
              title={name}
              help=""
              isRequired
              fallback={undefined}
              schema={item}
              value={value}
              path={within(path, index)}
              onChange={(next) => onChange(items.with(index, next === undefined ? '' : next))}
            />
            {canEdit && (
              <Button
                size="compact-sm"
                variant="default"
                aria-label={text.removeItem(name)}
                onClick={() => onChange(items.toSpliced(index, 1))}
              >
                {editorText.remove}
              </Button>
            )}
          </div>
        );
      })}
      {canEdit && (
        <div>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => onChange([...items, reader.begin(item)])}
          >
            {text.add(title)}
          </Button>
        </div>
      )}
    </Framed>
  );
}

/** One of several shapes: which, and what is in it. */
function ShapesField({ shapes, ...props }: FieldProps & { readonly shapes: readonly Shape[] }) {
  const { reader, canEdit } = useForm();
  const { title, help, value, fallback, isRequired, path, onChange } = props;
  const at = value === undefined ? -1 : shapeOf(shapes, value);
  const shape = shapes[at];
  const inner = shape === undefined ? undefined : reader.control(shape.schema).kind;
  const isConst = shape?.schema['const'] !== undefined;
  return (
    <fieldset className={classes['fieldset']}>
      <legend>{title}</legend>
      {help !== '' && <p className={classes['help']}>{help}</p>}
      <NativeSelect
        label={text.shape(title)}
        disabled={!canEdit}
        value={value === undefined ? 'not-said' : String(at)}
        onChange={(event) => {
          const next = shapes[Number(event.currentTarget.value)];
          onChange(next === undefined ? undefined : next.begin);
        }}
      >
        {(!isRequired || value === undefined) && (
          <option value="not-said">
            {text.notSaid(fallback === undefined ? '' : JSON.stringify(fallback))}
          </option>
        )}
        {value !== undefined && at < 0 && <option value="-1">{text.odd}</option>}
        {shapes.map(({ label }, index) => (
          <option key={label} value={index}>
            {label}
          </option>
        ))}
      </NativeSelect>
      {value !== undefined && shape === undefined && <YamlField {...props} help="" />}
      {shape !== undefined && inner === 'fields' && (
        <SchemaFields schema={shape.schema} value={value} path={path} onChange={onChange} />
      )}
      {shape !== undefined && inner !== 'fields' && !isConst && (
        <SchemaField {...props} help="" isRequired schema={shape.schema} />
      )}
      <Wrongs path={path} />
    </fieldset>
  );
}
