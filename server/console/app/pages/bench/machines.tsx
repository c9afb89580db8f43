import { memo, useMemo } from 'react';
import type { DeviceView, RunView } from '../../../../http/api.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ago } from '../../parts/format.ts';
import { useNow } from '../../parts/now.ts';
import { Panel } from '../../parts/panel.tsx';
import { Pill, type Tone } from '../../parts/pill.tsx';
import { Lines, Quiet, Row, RowActions, Rows, Wrong } from '../../parts/rows.tsx';
import { benchText } from '../../text/bench.ts';
import { DecideButtons, DeviceName, DeviceNumbers, MissingDrivers } from './device-lines.tsx';

const text = benchText.machines;

type State = keyof typeof text.states;
const tones: Readonly<Record<State, Tone>> = {
  waiting: 'warn',
  approved: 'good',
  known: 'calm',
  ignored: 'calm',
  deploying: 'busy',
  lost: 'bad',
};
const order: readonly State[] = ['waiting', 'lost', 'deploying', 'approved', 'known', 'ignored'];

/** Every machine that does not wait for approval, those first that somebody has to look at. */
export function Machines({
  devices,
  runs,
}: {
  readonly devices: readonly DeviceView[];
  readonly runs: readonly RunView[];
}) {
  const rows = useMemo(() => {
    const lost = new Set(
      runs.filter((run) => run.lostInWindowsSetup !== null).map((run) => String(run.id)),
    );
    return devices
      .map((device) => ({ device, state: stateOf(device, lost) }))
      .sort(
        (one, other) =>
          order.indexOf(one.state) - order.indexOf(other.state) ||
          (other.device.lastSeenMs ?? 0) - (one.device.lastSeenMs ?? 0) ||
          one.device.name.localeCompare(other.device.name),
      );
  }, [devices, runs]);
  return (
    <Panel title={text.title} count={devices.length}>
      {rows.length === 0 ? (
        <EmptyState {...text.empty} />
      ) : (
        <Rows label={text.title}>
          {rows.map(({ device, state }) => (
            <Machine key={device.id} device={device} state={state} />
          ))}
        </Rows>
      )}
    </Panel>
  );
}

const Machine = memo(function Machine({
  device,
  state,
}: {
  readonly device: DeviceView;
  readonly state: State;
}) {
  return (
    <Row>
      <Lines narrow>
        <span>
          <Pill tone={tones[state]}>{text.states[state]}</Pill>
        </span>
      </Lines>
      <DeviceName device={device} first="name" />
      <DeviceNumbers device={device} />
      <Lines>
        <span>{device.lastBootDecision ?? text.noBoot}</span>
        {device.refusal !== null && <Wrong>{text.told(device.refusal)}</Wrong>}
        <MissingDrivers device={device} />
        {device.lastSeenMs !== null && <Seen atMs={device.lastSeenMs} />}
      </Lines>
      <RowActions>{device.state === 'ignored' && <DecideButtons device={device} />}</RowActions>
    </Row>
  );
});

function Seen({ atMs }: { readonly atMs: number }) {
  return <Quiet>{text.seen(ago(atMs, useNow()))}</Quiet>;
}

function stateOf(device: DeviceView, lost: ReadonlySet<string>): State {
  if (device.openRun === null) return device.state;
  return lost.has(device.openRun) ? 'lost' : 'deploying';
}
