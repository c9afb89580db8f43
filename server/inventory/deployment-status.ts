import type { DeviceId } from '#agent/protocol/identity.ts';
import { type Choice, type ChoiceFrame, chooseDeployments } from './choose-deployments.ts';
import type { Device } from './device.ts';
import { machineOf, type PolicyFacts } from './policy.ts';
import { isOpen, type Run } from './run.ts';

/** How a deployment stands on one device. */
export const deviceStandings = [
  'in-progress',
  'success',
  'error',
  'requirements-not-met',
  'unknown',
] as const;
export type DeviceStanding = (typeof deviceStandings)[number];

/** One machine of the collection, with why. */
export interface DeviceStatus {
  readonly device: DeviceId;
  readonly name: string;
  readonly standing: DeviceStanding;
  readonly code: string;
  readonly reason: string;
  /** It will never start by itself as things are. */
  readonly alert: boolean;
}

/**
 * How a deployment stands on a machine of its collection: by its last run that was not cleared, else by what
 * keeps it from starting. `facts` have this one deployment.
 */
export function statusOn(
  device: Device,
  facts: Pick<PolicyFacts, 'memberOf' | 'deployments' | 'runs'>,
  frame: ChoiceFrame,
): DeviceStatus {
  const base = { device: device.id, name: device.name, alert: false };
  const id = facts.deployments[0]?.deployment.id;
  const last = facts.runs
    .filter((run) => run.deploymentId === id && run.clearedMs === null)
    .reduce<Run | undefined>(
      (latest, run) => (latest === undefined || run.startedMs > latest.startedMs ? run : latest),
      undefined,
    );
  if (last !== undefined) return { ...base, ...ofRun(last) };
  const choice = chooseDeployments(facts, {
    ...frame,
    device,
    remoteAddress: null,
    machine: machineOf(device),
  });
  return { ...base, ...ofChoice(choice) };
}

function ofRun(run: Run): Pick<DeviceStatus, 'standing' | 'code' | 'reason'> {
  if (isOpen(run)) return { standing: 'in-progress', code: `run.${run.state}`, reason: '' };
  if (run.state === 'succeeded') return { standing: 'success', code: '', reason: '' };
  const { code = `run.${run.state}`, message = '' } = run.error ?? {};
  return { standing: 'error', code, reason: message };
}

function ofChoice({
  refused: [refusal],
  waiting: [waits],
}: Choice): Pick<DeviceStatus, 'standing' | 'code' | 'reason' | 'alert'> {
  if (refusal !== undefined) {
    const { code, reason, retry } = refusal;
    return { standing: retry ? 'unknown' : 'requirements-not-met', code, reason, alert: false };
  }
  if (waits === undefined)
    return { standing: 'unknown', code: '', reason: 'It has not started', alert: false };
  const { code, reason } = waits;
  const alert = code === 'window.never';
  return { standing: alert ? 'requirements-not-met' : 'unknown', code, reason, alert };
}
