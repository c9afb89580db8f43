import { Checkbox, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import { editorText } from '../../../text/sequences.ts';
import { problemsAt } from '../model/problems.ts';
import { readYamlValue, yamlOf } from '../model/text.ts';
import { isFields, shown } from '../model/tree.ts';
import classes from './form.module.css';
import { type FieldProps, useForm } from './form-context.ts';

const text = editorText.form;
const LONG_ROWS = 4;

/** What is the same in all of them. */
function useField({ title, help, isRequired, path, fallback }: FieldProps) {
  const { canEdit, problems } = useForm();
  const wrong = problemsAt(problems, path).map(({ message }) => message);
  const said = fallback === undefined || fallback === '' ? '' : shown(fallback);
  return {
    common: {
      label: title,
      description: help === '' ? undefined : help,
      required: isRequired,
      error: wrong.length === 0 ? undefined : wrong.join('; '),
    },
    canEdit,
    said,
  };
}

/** A text; several lines where much may be written. */
export function TextField(
  props: FieldProps & { readonly isLong?: boolean; readonly isSecret?: boolean },
) {
  const { common, canEdit, said } = useField(props);
  const { value, isRequired, isLong, isSecret, onChange } = props;
  const written = value === undefined ? '' : shown(value);
  const all = {
    ...common,
    description: isSecret === true ? text.secret : common.description,
    value: written,
    readOnly: !canEdit,
    placeholder: said === '' ? undefined : text.fallback(said),
    className: isLong === true ? (classes['mono'] ?? '') : '',
    spellCheck: false,
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => {
      const next = event.currentTarget.value;
      onChange(next === '' && !isRequired ? undefined : next);
    },
  };
  return isLong === true ? (
    <Textarea {...all} rows={Math.max(LONG_ROWS, Math.min(20, written.split('\n').length))} />
  ) : (
    <TextInput {...all} />
  );
}

/** A number, or a %Variable% in its place. */
export function NumberField(props: FieldProps) {
  const { common, canEdit, said } = useField(props);
  const { value, isRequired, onChange } = props;
  return (
    <TextInput
      {...common}
      inputMode="numeric"
      value={value === undefined ? '' : shown(value)}
      readOnly={!canEdit}
      placeholder={said === '' ? undefined : text.fallback(said)}
      onChange={(event) => {
        const next = event.currentTarget.value.trim();
        if (next === '') onChange(isRequired ? '' : undefined);
        else onChange(/^-?\d{1,15}$/.test(next) ? Number(next) : next);
      }}
    />
  );
}

/** Yes or no. What is not said stays so until it is said. */
export function SwitchField(props: FieldProps) {
  const { common, canEdit } = useField(props);
  const { value, fallback, isRequired, onChange } = props;
  const isOn = value === undefined ? fallback === true : value === true || value === 'true';
  const { required: _, ...rest } = common;
  return (
    <Checkbox
      {...rest}
      checked={isOn}
      disabled={!canEdit}
      onChange={(event) => {
        const next = event.currentTarget.checked;
        onChange(next === (fallback === true) && !isRequired ? undefined : next);
      }}
    />
  );
}

/** One of some words. */
export function ChoiceField(props: FieldProps & { readonly options: readonly string[] }) {
  const { common, canEdit, said } = useField(props);
  const { value, isRequired, options, onChange } = props;
  const isOdd = value !== undefined && !options.some((option) => option === value);
  return (
    <NativeSelect
      {...common}
      disabled={!canEdit}
      value={value === undefined ? '' : shown(value)}
      onChange={(event) => {
        const next = event.currentTarget.value;
        onChange(next === '' ? undefined : next);
      }}
    >
      {(!isRequired || value === undefined) && <option value="">{text.notSaid(said)}</option>}
      {isOdd && <option value={shown(value)}>{shown(value)}</option>}
      {options.map((option) => (
        <option key={option} value={option}>
          {option}
        </option>
      ))}
    </NativeSelect>
  );
}

/** Something of the site by its name; by its id where the document has it so. */
export function ReferenceField(props: FieldProps) {
  const { common, canEdit } = useField(props);
  const { names } = useForm();
  const list = useId();
  const { value, isRequired, path, onChange } = props;
  const { name, id } = isFields(value) ? value : {};
  const known = path.endsWith('sequence') ? names.sequences : names.content;
  return (
    <>
      <TextInput
        {...common}
        description={
          typeof id === 'string' ? `${props.help} ${text.byId(id)}`.trim() : common.description
        }
        value={typeof name === 'string' ? name : ''}
        readOnly={!canEdit}
        list={list}
        autoComplete="off"
        onChange={(event) => {
          const next = event.currentTarget.value;
          onChange(next === '' && !isRequired ? undefined : { name: next });
        }}
      />
      <datalist id={list}>
        {known.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </datalist>
    </>
  );
}

/** What no form is made for. It is taken over when it can be read. */
export function YamlField(props: FieldProps) {
  const { common, canEdit } = useField(props);
  const { value, onChange } = props;
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState('');
  return (
    <Textarea
      {...common}
      description={common.description ?? text.yaml}
      className={classes['mono'] ?? ''}
      error={wrong === '' ? common.error : wrong}
      rows={LONG_ROWS}
      spellCheck={false}
      readOnly={!canEdit}
      value={typed ?? (value === undefined ? '' : yamlOf(value))}
      onChange={(event) => {
        const next = event.currentTarget.value;
        setTyped(next);
        const read = readYamlValue(next);
        setWrong(read.ok ? '' : read.message);
        if (read.ok) onChange(read.value ?? undefined);
      }}
      onBlur={() => wrong === '' && setTyped(null)}
    />
  );
}
