import { Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { DeviceView } from '../../../../http/api.ts';
import { call } from '../../api/call.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import classes from '../../parts/page.module.css';
import { useSubmit } from '../../parts/use-act.ts';
import { announce } from '../../shell/notify.tsx';
import { devicesText } from '../../text/devices.ts';

const text = devicesText.device;

/** What can be done about a device, for those who may. */
export function DeviceActions({ device }: { readonly device: DeviceView }) {
  const may = useMay();
  const [isRenaming, setRenaming] = useState(false);
  const { id, name, state } = device;
  if (!may('POST /devices/:id/approve')) return null;
  return (
    <div className={classes['actions']}>
      {(state === 'waiting' || state === 'ignored') && (
        <ActButton
          variant="filled"
          act={async () => {
            await call('POST', `/devices/${id}/approve`, {});
            announce(text.approved(name));
          }}
        >
          {text.approve}
        </ActButton>
      )}
      {state !== 'ignored' && (
        <ConfirmButton
          title={text.ignoreTitle(name)}
          text={<p>{text.ignoreText(name)}</p>}
          act={async () => {
            await call('POST', `/devices/${id}/ignore`, {});
            announce(text.ignored(name));
          }}
        >
          {text.ignore}
        </ConfirmButton>
      )}
      <ConfirmButton
        title={text.againTitle(name)}
        text={<p>{text.againText(name)}</p>}
        act={async () => {
          const { cleared } = await call<{ cleared: number }>('POST', `/devices/${id}/clear`);
          announce(text.cleared(cleared));
        }}
      >
        {text.again}
      </ConfirmButton>
      <Button
        size="xs"
        variant="default"
        aria-expanded={isRenaming}
        onClick={() => setRenaming(!isRenaming)}
      >
        {text.rename}
      </Button>
      {isRenaming && <Rename device={device} done={() => setRenaming(false)} />}
    </div>
  );
}

function Rename({ device, done }: { readonly device: DeviceView; readonly done: () => void }) {
  const [name, setName] = useState(device.name);
  const [isSending, onSubmit] = useSubmit(async () => {
    await call('PUT', `/devices/${device.id}/name`, { name });
    announce(text.renamed(name));
    done();
  });
  return (
    <form className={classes['actions']} onSubmit={onSubmit}>
      <TextInput
        size="xs"
        aria-label={text.newName}
        value={name}
        required
        maxLength={64}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button size="xs" type="submit" loading={isSending}>
        {text.rename}
      </Button>
    </form>
  );
}

/** What people want to remember of a device. */
export function DeviceNotes({ device }: { readonly device: DeviceView }) {
  const may = useMay();
  const [notes, setNotes] = useState(device.notes);
  const mayChange = may('PUT /devices/:id/notes');
  return (
    <div className={classes['form']}>
      <Textarea
        aria-label={text.notes}
        autosize={false}
        rows={4}
        readOnly={!mayChange}
        value={notes}
        maxLength={4000}
        onChange={(event) => setNotes(event.currentTarget.value)}
      />
      {mayChange && (
        <ActButton
          disabled={notes === device.notes}
          act={async () => {
            await call('PUT', `/devices/${device.id}/notes`, { notes });
            announce(text.notesSaved);
          }}
        >
          {text.saveNotes}
        </ActButton>
      )}
    </div>
  );
}
