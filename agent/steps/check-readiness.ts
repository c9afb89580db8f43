import { z } from 'zod';
import { QueryError } from '#agent/sequence/query-error.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import {
  type ReadinessCheck,
  type ReadinessFacts,
  readinessChecks,
  readinessFields,
} from './readiness.ts';

const NOT_KNOWN = 'not known';
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
    const checks = readinessChecks(wanted, await factsOf(wanted, context));
    for (const { setting, wanted, seen, passed } of checks) {
      context.variables.setOwn(results[setting], passed ? '1' : '0');
      context.log(`${wanted}: ${passed ? 'good' : 'failed'} (${seen ?? NOT_KNOWN})`);
    }
    if (wanted.clientMinimumVersion !== undefined)
      context.log(
        `Warning: client version ${wanted.clientMinimumVersion}: not checked, nothing here counts as the client of Configuration Manager does`,
      );
    const failed = checks.filter(({ passed }) => !passed);
    if (failed.length > 0) throw failure(failed);
    return {};
  },
});

function failure(failed: readonly ReadinessCheck[]): StepError {
  const told = failed.map(({ wanted, seen }) => `${wanted} (seen: ${seen ?? NOT_KNOWN})`);
  return new StepError('readiness.failed', `The machine does not have ${told.join('; ')}`, {
    exitCode: FAILED_CODE,
    hint: 'Put it right at the machine, change the check, or let the step continue on error.',
  });
}

async function factsOf(
  { freeDiskMb, tpmEnabled, tpmActivated }: z.output<typeof params>,
  { platform, signal }: StepContext,
): Promise<ReadinessFacts> {
  const inventory = await platform.query.inventory(signal);
  const asksTpm = (tpmEnabled || tpmActivated) && inventory['Win32_Tpm'] === undefined;
  return {
    inventory,
    system: await systemOf(platform, signal),
    firmware: platform.firmware,
    inWindowsPe: platform.environment === 'winpe',
    freeDiskBytes: freeDiskMb === undefined ? undefined : await freeDisk(platform, signal),
    tpm: asksTpm ? await platform.bitLocker?.tpm(signal) : undefined,
  };
}

/**
 * Free space as Configuration Manager counts it: of the system's own volume where one runs; in PE the most that
 * is free on one volume of a fixed disk, a disk without partitions counting as a whole. A disk that is going to be
 * partitioned anew is no more free than what is on it leaves.
 */
async function freeDisk(
  { disk, environment }: StepContext['platform'],
  signal: AbortSignal,
): Promise<number | undefined> {
  if (environment === 'full-os') return (await disk.freeBytes(null, signal)) ?? undefined;
  const rooms: number[] = [];
  for (const { removable, readOnly, sizeBytes, partitions } of await disk.list(signal)) {
    if (removable || readOnly) continue;
    if (partitions.length === 0) rooms.push(sizeBytes);
    for (const { volume, fileSystem } of partitions)
      if (fileSystem !== '') rooms.push((await disk.freeBytes(volume, signal)) ?? 0);
  }
  return rooms.length === 0 ? undefined : Math.max(...rooms);
}

async function systemOf({ query }: StepContext['platform'], signal: AbortSignal) {
  try {
    return await query.system(signal);
  } catch (error) {
    if (error instanceof QueryError) return undefined;
    throw error;
  }
}
