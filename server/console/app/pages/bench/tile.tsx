import { memo } from 'react';
import { call } from '../../api/call.ts';
import { useMay } from '../../api/session.ts';
import { Ago } from '../../parts/ago.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { bytes, span } from '../../parts/format.ts';
import { Pill } from '../../parts/pill.tsx';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { announce } from '../../shell/notify.tsx';
import { Link } from '../../shell/router.tsx';
import { benchText } from '../../text/bench.ts';
import { runsText } from '../../text/runs.ts';
import { firmwareOf, makeOf } from '../devices/device-state.ts';
import { fraction, stepText } from '../runs/run-state.ts';
import { DecideButtons } from './device-lines.tsx';
import classes from './tile.module.css';
import { nameOf } from './tile-order.ts';
import { type Tile, tileTones } from './tile-state.ts';

const text = benchText.tiles;

/** One machine: who it is, what it does, and what is to be done about it. Drawn again only when it has changed. */
export const MachineTile = memo(
  function MachineTile({ tile }: { readonly tile: Tile }) {
    const { device, run, state } = tile;
    const name = nameOf(tile);
    const port = device?.seenAt?.port;
    return (
      <article className={classes['tile']} data-state={state} aria-label={name}>
        <div className={classes['head']}>
          {device === null ? (
            <span className={classes['name']}>{name}</span>
          ) : (
            <Link href={`/devices/${device.id}`} className={classes['name'] ?? ''}>
              {name}
            </Link>
          )}
          <Pill tone={tileTones[state]}>{text.states[state]}</Pill>
        </div>
        <p className={classes['quiet']}>{whatOf(tile)}</p>
        {port && <p className={classes['quiet']}>{benchText.waiting.port(port)}</p>}
        <Doing tile={tile} />
        <div className={classes['foot']}>
          {run !== null && state !== 'waiting' && (
            <Link
              href={`/runs/${run.id}`}
              aria-label={state === 'failed' ? text.whyOf(name) : runsText.detailsOf(name)}
            >
              {state === 'failed' ? text.why : runsText.details}
            </Link>
          )}
          {device !== null && state === 'failed' && <Retry tile={tile} />}
          {device !== null && state === 'ignored' && <DecideButtons device={device} />}
          {device?.lastSeenMs != null && run === null && (
            <span className={classes['quiet']}>
              <Ago atMs={device.lastSeenMs} of={benchText.machines.seen} />
            </span>
          )}
        </div>
      </article>
    );
  },
  ({ tile: one }, { tile: other }) =>
    one.state === other.state &&
    one.device === other.device &&
    one.run === other.run &&
    one.decision === other.decision,
);

/** The step that runs, or the last that was said of the machine. */
function Doing({ tile: { device, run, state, decision } }: { readonly tile: Tile }) {
  if (run !== null && state === 'deploying') {
    const { progress } = run;
    return (
      <div>
        <p>{stepText(run)}</p>
        <ProgressBar label={runsText.progressOf(run.deviceName)} done={fraction(progress)} />
        <p className={classes['quiet']}>
          {[
            progress?.bytesPerSecond === undefined
              ? ''
              : runsText.rate(bytes(progress.bytesPerSecond)),
            progress?.remainingMs === undefined ? '' : runsText.left(span(progress.remainingMs)),
          ]
            .filter(Boolean)
            .join(' · ')}
        </p>
      </div>
    );
  }
  if (run !== null && (state === 'failed' || state === 'lost'))
    return (
      <p className={classes['wrong']}>{run.error?.message ?? run.lostInWindowsSetup?.hint ?? ''}</p>
    );
  if (run !== null && state === 'done') return <p>{text.done(run.sequenceName)}</p>;
  if (state === 'waiting') return <p>{text.waits}</p>;
  const told = device?.refusal ? benchText.machines.told(device.refusal) : null;
  const missing = device?.unclaimedDevices ?? [];
  return (
    <>
      <p>{decision?.reason ?? device?.lastBootDecision ?? benchText.machines.noBoot}</p>
      {told !== null && <p className={classes['wrong']}>{told}</p>}
      {missing.length > 0 && (
        <p className={classes['wrong']}>{benchText.machines.noDriver(missing.join(', '))}</p>
      )}
    </>
  );
}

/** Runs the machine's deployment again: what failed is forgotten, and asked for again at its next network boot. */
function Retry({ tile: { device, run } }: { readonly tile: Tile }) {
  const may = useMay();
  if (device === null || run === null || !may('POST /devices/:id/clear')) return null;
  return (
    <ConfirmButton
      label={text.retryOf(device.name)}
      title={text.retryOf(device.name)}
      text={<p>{text.retryText(run.sequenceName, device.name)}</p>}
      act={async () => {
        await call('POST', `/devices/${device.id}/clear`);
        announce(text.retried(device.name));
      }}
    >
      {text.retry}
    </ConfirmButton>
  );
}

/** Make, model and firmware, as far as they are known. */
function whatOf({ device, decision }: Tile): string {
  if (device === null) return decision === null ? '' : decision.architecture;
  return [makeOf(device) || benchText.machines.noModel, firmwareOf(device)]
    .filter(Boolean)
    .join(' · ');
}
