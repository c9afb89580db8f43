import { Checkbox } from '@mantine/core';
import { memo, useCallback, useMemo, useState } from 'react';
import type { DeviceView } from '../../../../http/api.ts';
import { call } from '../../api/call.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Ago } from '../../parts/ago.tsx';
import { ago } from '../../parts/format.ts';
import { useNow } from '../../parts/now.ts';
import { Panel } from '../../parts/panel.tsx';
import { Lines, Quiet, Row, RowActions, Rows } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import { benchText } from '../../text/bench.ts';
import { Approvals } from './approvals.tsx';
import { DecideButtons, DeviceName, DeviceNumbers, MissingDrivers } from './device-lines.tsx';
import classes from './waiting.module.css';

const text = benchText.waiting;

/** Machines that wait for approval, those that have waited longest first: one by one, or as many as are chosen. */
export function Waiting({ devices }: { readonly devices: readonly DeviceView[] }) {
  const may = useMay();
  const now = useNow();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => [...devices].sort((one, other) => one.createdMs - other.createdMs),
    [devices],
  );
  const chosen = shown.filter(({ id }) => selected.has(id)).map(({ id }) => id);
  const toggle = useCallback((id: string, isChosen: boolean) => {
    setSelected((before) => {
      const next = new Set(before);
      if (isChosen) next.add(id);
      else next.delete(id);
      return next;
    });
  }, []);
  const [longest] = shown;
  const mayApprove = may('POST /devices/approve');
  return (
    <Panel
      title={text.title}
      count={shown.length}
      summary={longest === undefined ? '' : text.first(ago(longest.createdMs, now))}
    >
      {shown.length === 0 && <Quiet>{text.none}</Quiet>}
      {shown.length > 0 && (
        <>
          {mayApprove && (
            <div className={classes['bar']}>
              <Checkbox
                label={text.all}
                checked={chosen.length === shown.length}
                indeterminate={chosen.length > 0 && chosen.length < shown.length}
                onChange={(event) =>
                  setSelected(new Set(event.currentTarget.checked ? shown.map(({ id }) => id) : []))
                }
              />
              <ActButton
                variant="filled"
                disabled={chosen.length === 0}
                act={async () => {
                  const { approved } = await call<{ approved: unknown[] }>(
                    'POST',
                    '/devices/approve',
                    { devices: chosen },
                  );
                  announce(text.approved(approved.length));
                  setSelected(new Set());
                }}
              >
                {text.approveSelected(chosen.length)}
              </ActButton>
            </div>
          )}
          <Rows label={text.title}>
            {shown.map((device) => (
              <WaitingRow
                key={device.id}
                device={device}
                isSelected={selected.has(device.id)}
                toggle={mayApprove ? toggle : null}
              />
            ))}
          </Rows>
        </>
      )}
      {may('GET /approvals') && <Approvals />}
    </Panel>
  );
}

const WaitingRow = memo(function WaitingRow({
  device,
  isSelected,
  toggle,
}: {
  readonly device: DeviceView;
  readonly isSelected: boolean;
  readonly toggle: ((id: string, isSelected: boolean) => void) | null;
}) {
  return (
    <Row marked={isSelected}>
      {toggle !== null && (
        <Checkbox
          aria-label={text.select(device.name)}
          checked={isSelected}
          onChange={(event) => toggle(device.id, event.currentTarget.checked)}
        />
      )}
      <DeviceName device={device} first="model" />
      <DeviceNumbers device={device} />
      <Lines>
        <span>{device.seenAt?.port ? text.port(device.seenAt.port) : text.noPort}</span>
        <Quiet>{placeText(device.seenAt)}</Quiet>
      </Lines>
      <Lines>
        <span>
          <Ago atMs={device.createdMs} of={text.came} />
        </span>
        <MissingDrivers device={device} />
      </Lines>
      <RowActions>
        <DecideButtons device={device} ignore />
      </RowActions>
    </Row>
  );
});

/** Where a machine is plugged in: switch, relay or interface, and its address. */
function placeText(at: DeviceView['seenAt']): string {
  if (at === null) return '';
  return [
    at.switchId && text.switch(at.switchId),
    at.relay && text.relay(at.relay),
    at.interfaceName && text.on(at.interfaceName),
    at.address,
  ]
    .filter(Boolean)
    .join(' · ');
}
