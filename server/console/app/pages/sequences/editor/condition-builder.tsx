import { Button, NativeSelect } from '@mantine/core';
import { conditionText } from '../../../text/sequence-conditions.ts';
import { editorText } from '../../../text/sequences.ts';
import { type ConditionPart, groupWords, readPart, sentenceOf } from '../model/condition.ts';
import { isFields } from '../model/tree.ts';
import classes from './form.module.css';
import { useForm, within } from './form-context.ts';
import { YamlField } from './plain-fields.tsx';
import { SchemaField } from './schema-field.tsx';

const text = editorText.conditions;

interface PartProps {
  readonly value: unknown;
  readonly path: string;
  /** Undefined takes it away. */
  readonly onChange: (value: unknown) => void;
}

/** The condition of a node: groups in groups, and the sentence that says what they mean. */
export function ConditionBuilder({ value, path, onChange }: PartProps) {
  return (
    <div className={classes['form']}>
      <p className={classes['sentence']} data-testid="condition-sentence">
        {sentenceOf(value)}
      </p>
      {value === undefined ? (
        <NewPart label={text.add} onAdd={onChange} />
      ) : (
        <Part value={value} path={path} onChange={onChange} />
      )}
    </div>
  );
}

function Part(props: PartProps) {
  const part = readPart(props.value);
  switch (part.kind) {
    case 'odd':
      return (
        <YamlField
          {...props}
          title={editorText.fields.condition}
          help={text.odd}
          isRequired={false}
          fallback={undefined}
          schema={{}}
        />
      );
    case 'group':
      return <Group {...props} part={part} />;
    case 'leaf':
      return <Leaf {...props} part={part} />;
  }
}

function Group({
  part: { word, parts },
  path,
  onChange,
}: PartProps & { readonly part: Extract<ConditionPart, { kind: 'group' }> }) {
  const { canEdit } = useForm();
  return (
    <fieldset className={classes['fieldset']}>
      <legend>{conditionText.groups[word]}</legend>
      <div className={classes['row']}>
        <NativeSelect
          aria-label={text.group}
          disabled={!canEdit}
          value={word}
          onChange={(event) => onChange({ [event.currentTarget.value]: parts })}
        >
          {groupWords.map((each) => (
            <option key={each} value={each}>
              {conditionText.groups[each]}
            </option>
          ))}
        </NativeSelect>
        {canEdit && (
          <Button size="compact-sm" variant="subtle" onClick={() => onChange(undefined)}>
            {text.removeGroup}
          </Button>
        )}
      </div>
      {parts.map((each, index) => (
        <Part
          // oxlint-disable-next-line react/no-array-index-key -- parts have nothing else that names them
          key={index}
          value={each}
          path={within(within(path, word), index)}
          onChange={(next) =>
            onChange({
              [word]: next === undefined ? parts.toSpliced(index, 1) : parts.with(index, next),
            })
          }
        />
      ))}
      <NewPart label={text.addTo} onAdd={(next) => onChange({ [word]: [...parts, next] })} />
    </fieldset>
  );
}

function Leaf({
  part: { of, value },
  path,
  onChange,
}: PartProps & { readonly part: Extract<ConditionPart, { kind: 'leaf' }> }) {
  const { reader, canEdit } = useForm();
  const kind = reader.conditionKinds().find((each) => each.kind === of);
  const fields = kind === undefined ? [] : reader.fieldsOf(kind.schema);
  return (
    <fieldset className={classes['fieldset']}>
      <legend>{conditionText.kinds[of] ?? of}</legend>
      {fields
        .filter(({ name }) => name !== 'kind')
        .map((field) => (
          <SchemaField
            key={field.name}
            {...field}
            value={value[field.name]}
            path={within(path, field.name)}
            onChange={(next) => {
              const { [field.name]: _, ...rest } = value;
              onChange(next === undefined ? rest : { ...value, [field.name]: next });
            }}
          />
        ))}
      {canEdit && (
        <div className={classes['row']}>
          <Button size="compact-sm" variant="subtle" onClick={() => onChange(undefined)}>
            {text.remove}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => onChange({ all: [value] })}>
            {conditionText.intoGroup}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

/** A choice of what is added: a kind, or a group. */
function NewPart({
  label,
  onAdd,
}: {
  readonly label: string;
  readonly onAdd: (value: unknown) => void;
}) {
  const { reader, canEdit } = useForm();
  if (!canEdit) return null;
  return (
    <NativeSelect
      label={label}
      value=""
      onChange={(event) => {
        const { value } = event.currentTarget;
        if (value === '') return;
        if (groupWords.some((word) => word === value)) onAdd({ [value]: [] });
        else {
          const kind = reader.conditionKinds().find((each) => each.kind === value);
          const begun = reader.begin(kind?.schema ?? {});
          onAdd({ kind: value, ...(isFields(begun) ? begun : {}) });
        }
      }}
    >
      <option value="">{text.kindOfNew}</option>
      {reader.conditionKinds().map(({ kind }) => (
        <option key={kind} value={kind}>
          {conditionText.kinds[kind] ?? kind}
        </option>
      ))}
      {groupWords.map((word) => (
        <option key={word} value={word}>
          {conditionText.groups[word]}
        </option>
      ))}
    </NativeSelect>
  );
}
