import type { RunEvent } from '#agent/protocol/run-event.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';
import type { Device } from '../../../inventory/device.ts';
import { isOpen, type Run } from '../../../inventory/run.ts';
import type { RunView } from '../../api.ts';
import type { LiveState } from '../../services.ts';

/** A run as operators see it. The progress of a run that ended is none of its history. */
export function toRunView(run: Run, devices: readonly Device[], live: LiveState): RunView {
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
  };
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
