import { Button, Checkbox, NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { call } from '../../api/call.ts';
import { useRefresh } from '../../api/queries.ts';
import classes from '../../parts/page.module.css';
import { useSubmit } from '../../parts/use-act.ts';
import { announce } from '../../shell/notify.tsx';
import { mediaText } from '../../text/media.ts';

const text = mediaText.form;
const forms = (['iso', 'folder'] as const).map((value) => ({
  value,
  label: mediaText.forms[value],
}));
const empty = { label: '', form: 'iso', password: '', until: '', unknown: false };

/** Has bootable media made. What takes long goes on at the server. */
export function MediaForm() {
  const refresh = useRefresh();
  const [typed, setTyped] = useState(empty);
  const [isSending, onSubmit] = useSubmit(async () => {
    const { label, form, password, until, unknown } = typed;
    await call('POST', '/media', {
      kind: 'bootable',
      label,
      form,
      unknownComputers: unknown,
      ...(password === '' ? {} : { password }),
      // To the end of that day, where the person is.
      ...(until === '' ? {} : { validUntilMs: new Date(`${until}T23:59:59`).getTime() }),
    });
    announce(text.begun(label));
    setTyped(empty);
    await refresh('/media');
  });
  return (
    <form className={classes['form']} onSubmit={onSubmit}>
      <TextInput
        label={text.label}
        placeholder={text.labelExample}
        value={typed.label}
        required
        withAsterisk={false}
        maxLength={100}
        onChange={(event) => setTyped({ ...typed, label: event.currentTarget.value })}
      />
      <NativeSelect
        label={text.form}
        data={forms}
        value={typed.form}
        onChange={(event) => setTyped({ ...typed, form: event.currentTarget.value })}
      />
      <PasswordInput
        label={text.password}
        description={text.passwordHint}
        autoComplete="new-password"
        value={typed.password}
        onChange={(event) => setTyped({ ...typed, password: event.currentTarget.value })}
      />
      <TextInput
        type="date"
        label={text.until}
        value={typed.until}
        onChange={(event) => setTyped({ ...typed, until: event.currentTarget.value })}
      />
      <Checkbox
        label={text.unknown}
        checked={typed.unknown}
        onChange={(event) => setTyped({ ...typed, unknown: event.currentTarget.checked })}
      />
      <Button type="submit" loading={isSending}>
        {text.submit}
      </Button>
    </form>
  );
}
