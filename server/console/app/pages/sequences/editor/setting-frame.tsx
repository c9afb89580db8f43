import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { editorText } from '../../../text/sequences.ts';
import { problemsAt } from '../model/problems.ts';
import classes from './form.module.css';
import { type FieldProps, useForm } from './form-context.ts';
import { YamlField } from './plain-fields.tsx';

const text = editorText.form;

/** A setting that has parts and is not said: it can be, by a button. */
export function Unsaid(props: FieldProps) {
  const { reader, canEdit } = useForm();
  const { title, help, value, fallback, onChange } = props;
  if (value !== undefined) return <YamlField {...props} />;
  return (
    <div className={classes['row']}>
      <span>
        {title}
        {fallback !== undefined && (
          <span className={classes['help']}> {text.fallback(JSON.stringify(fallback))}</span>
        )}
      </span>
      {canEdit && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={text.say(title)}
          onClick={() => onChange(fallback ?? reader.begin(props.schema))}
        >
          {text.sayWord}
        </Button>
      )}
      <p className={classes['help']}>{help}</p>
      <Wrongs path={props.path} />
    </div>
  );
}

/** Settings in a frame with a title. */
export function Framed({
  title,
  help,
  path,
  isRequired,
  onChange,
  children,
}: FieldProps & { readonly children: ReactNode }) {
  const { canEdit } = useForm();
  return (
    <fieldset className={classes['fieldset']}>
      <legend>{title}</legend>
      {help !== '' && <p className={classes['help']}>{help}</p>}
      <Wrongs path={path} />
      {children}
      {canEdit && !isRequired && (
        <div>
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={text.unsay(title)}
            onClick={() => onChange(undefined)}
          >
            {editorText.remove}
          </Button>
        </div>
      )}
    </fieldset>
  );
}

/** What is wrong with a setting that has parts. */
export function Wrongs({ path }: { readonly path: string }) {
  const { problems } = useForm();
  return problemsAt(problems, path).map(({ message }) => (
    <p key={message} className={classes['wrong']}>
      {message}
    </p>
  ));
}
