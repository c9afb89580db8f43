import { z } from 'zod';
import { DeploymentId, DeviceId, RunId, SequenceId } from '#agent/protocol/identity.ts';
import { NextBoot, RunError } from '#agent/protocol/run-event.ts';
import type { Run } from '../inventory/run.ts';
import { WindowsSetupPhase } from '../inventory/windows-setup-phase.ts';
import type { Tables } from './tables.ts';

const Purpose = z.enum(['available', 'required']);
const State = z.enum(['running', 'restarting', 'succeeded', 'failed', 'forked']);

/** A row of `runs` as the value the rest of the server knows. */
export function toRun(row: Pick<Tables['runs'], (typeof runColumns)[number]>): Run {
  return {
    id: RunId.parse(row.run_id),
    deviceId: DeviceId.parse(row.device_id),
    deploymentId: DeploymentId.parse(row.deployment_id),
    sequenceId: SequenceId.parse(row.sequence_id),
    sequenceVersion: row.sequence_version,
    sequenceName: row.sequence_name,
    purpose: Purpose.parse(row.purpose),
    state: State.parse(row.state),
    nextBoot: NextBoot.parse(row.next_boot),
    error: row.error_json === null ? null : RunError.parse(JSON.parse(row.error_json)),
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    lastEventMs: row.last_event_ms,
    have: row.have,
    clearedMs: row.cleared_ms,
    windowsSetup: WindowsSetupPhase.parse(row.windows_setup),
  };
}

/** Every column but the grant, which is big and read by the run alone. */
export const runColumns = [
  'run_id',
  'device_id',
  'deployment_id',
  'sequence_id',
  'sequence_version',
  'sequence_name',
  'purpose',
  'key_thumbprint',
  'takeover_approved',
  'has_secrets',
  'step_started',
  'state',
  'next_boot',
  'error_json',
  'started_ms',
  'ended_ms',
  'last_event_ms',
  'have',
  'log_bytes',
  'cleared_ms',
  'windows_setup',
  'setup_steps',
] as const;
