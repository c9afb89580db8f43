import { z } from 'zod';
import { QueryError } from '#agent/sequence/query-error.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import {
  type ReadinessCheck,
  type ReadinessFacts,
  readinessChecks,
  readinessFields,
} from './readiness.ts';

/** What Configuration Manager's step ends with. */
const FAILED_CODE = 4316;

const params = z.strictObject(readinessFields);

/** The variable for the result of each check: 1, 0, or none where it was not asked for. */
const results = {
  memoryMb: '_TS_CRMEMORY',
  processorMhz: '_TS_CRSPEED',
  freeDiskMb: '_TS_CRDISK',
  osType: '_TS_CROSTYPE',
  osArchitecture: '_TS_CRARCH',
  osMinimumVersion: '_TS_CRMINOSVER',
  osMaximumVersion: '_TS_CRMAXOSVER',
  clientMinimumVersion: '_TS_CRCLIENTMINVER',
  osLanguage: '_TS_CROSLANGUAGE',
  acPower: '_TS_CRACPOWER',
  networkConnected: '_TS_CRNETWORK',
  networkWired: '_TS_CRWIRED',
  uefi: '_TS_CRUEFI',
  tpmEnabled: '_TS_CRTPMENABLED',
  tpmActivated: '_TS_CRTPMACTIVATED',
} as const satisfies Record<keyof typeof readinessFields, string>;

/**
 * Check Readiness (reference: steps, section 6). Every check is made, also behind one that fails; the
 * results are in variables.
 */
export const checkReadiness = defineStep({
  type: 'check-readiness',
  title: 'Check Readiness',
  menu: 'general',
  help: 'Checks that the machine is fit for what follows: memory, disk, system, power, firmware, TPM.',
  action: 'now',
  needs: ['query', 'disk'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  references: () => [],
  async *run(wanted, context) {
    yield { detail: 'Checking the machine' };
    const checks = readinessChecks(wanted, await factsOf(context));
    for (const { setting, wanted, seen, passed } of checks) {
      context.variables.setOwn(results[setting], passed ? '1' : '0');
      const result = seen === undefined ? 'not known, taken for good' : passed ? 'good' : 'failed';
      context.log(`${wanted}: ${result}${seen === undefined ? '' : ` (${seen})`}`);
    }
    const failed = checks.filter(({ passed }) => !passed);
    if (failed.length > 0) throw failure(failed);
    return {};
  },
});

function failure(failed: readonly ReadinessCheck[]): StepError {
  const told = failed.map(({ wanted, seen }) => `${wanted} (seen: ${seen})`);
  return new StepError('readiness.failed', `The machine does not have ${told.join('; ')}`, {
    exitCode: FAILED_CODE,
    hint: 'Put it right at the machine, change the check, or let the step continue on error.',
  });
}

async function factsOf({ platform, signal }: StepContext): Promise<ReadinessFacts> {
  const disks = await platform.disk.list(signal);
  const rooms = disks.filter(({ removable }) => !removable).map(({ sizeBytes }) => sizeBytes);
  return {
    inventory: await platform.query.inventory(signal),
    system: await systemOf(platform, signal),
    firmware: platform.firmware,
    // A disk that is going to be partitioned is free as a whole.
    freeDiskBytes: rooms.length === 0 ? undefined : Math.max(...rooms),
  };
}

async function systemOf({ query }: StepContext['platform'], signal: AbortSignal) {
  try {
    return await query.system(signal);
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}
