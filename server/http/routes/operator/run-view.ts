import type { RunEvent } from '#agent/protocol/run-event.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';
import type { Device } from '../../../inventory/device.ts';
import { isOpen, type Run } from '../../../inventory/run.ts';
import { lostInWindowsSetupMs } from '../../../inventory/windows-setup.ts';
import type { RunView } from '../../api.ts';
import type { LiveState, OperatorServices } from '../../services.ts';

/** What is needed to show runs; read once for all of them. */
export interface RunContext {
  readonly devices: readonly Device[];
  readonly live: Pick<LiveState, 'progress'>;
  readonly nowMs: number;
  /** The site's setting. */
  readonly lostMinutes: number;
}

/** Reads what is needed to show runs. */
export async function runContext({
  store,
  live,
  nowMs,
}: Pick<OperatorServices, 'store' | 'nowMs'> & Pick<RunContext, 'live'>): Promise<RunContext> {
  const [devices, site] = await Promise.all([store.devices.list(), store.settings.get()]);
  return { devices, live, nowMs: nowMs(), lostMinutes: site.windowsSetupLostMinutes };
}

/** A run as operators see it. The progress of a run that ended is none of its history. */
export function toRunView(run: Run, context: RunContext): RunView {
  const { devices, live } = context;
  const lostMs = lostInWindowsSetupMs(run, context);
  return {
    id: run.id,
    deviceId: run.deviceId,
    deviceName: devices.find(({ id }) => id === run.deviceId)?.name ?? run.deviceId,
    sequenceName: run.sequenceName,
    deploymentId: run.deploymentId,
    state: run.state,
    startedMs: run.startedMs,
    endedMs: run.endedMs,
    lastEventMs: run.lastEventMs,
    error: run.error,
    progress: isOpen(run) ? live.progress(run.id) : null,
    have: run.have,
    lostInWindowsSetup:
      lostMs === null ? null : { sinceMs: lostMs, hint: lostHint(context.lostMinutes) },
  };
}

function lostHint(minutes: number): string {
  return (
    `It was restarted into Windows Setup, and nothing was heard of it for ${minutes} minutes. Look at its ` +
    'screen; Shift+F10 opens a command prompt there. Windows\\Panther\\setuperr.log and setupact.log say ' +
    'what stopped it, mostly the answer file or a driver. When it comes back the run goes on, from the ' +
    'network too: its boot image is offered again.'
  );
}

/** An event as operators see it: the secrets in it, which are sealed, are not shown at all. */
export function withoutSecrets(event: RunEvent): RunEvent {
  const { fact } = event;
  if (!('variables' in fact)) return event;
  const variables = fact.variables.map((change) =>
    change.secret && change.value !== '' ? { ...change, value: HIDDEN } : change,
  );
  return { ...event, fact: { ...fact, variables } };
}
