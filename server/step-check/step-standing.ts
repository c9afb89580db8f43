import { z } from 'zod';
import type { Environment } from '#agent/protocol/policy.ts';
import { RUN_SEQUENCE } from '#agent/sequence/child-sequence.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { type StepDefinition, stepMenus } from '#agent/sequence/step.ts';
import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import { importSources } from './import-sources.ts';
import { sampleParams } from './sample-params.ts';

/** What works of a step. All of it is found out by trying. */
export interface StepStanding {
  readonly type: string;
  readonly title: string;
  readonly menu: string;
  /** How many settings its schema has; undefined where no params could be found that it takes. */
  readonly settings: number | undefined;
  /** Why a simulation of the step fails; undefined where it succeeds. */
  readonly simulationError: string | undefined;
  /** What is imported as this step: classes of Configuration Manager, and of MDT with its scripts. */
  readonly importedFrom: readonly string[];
  /** Where its action runs in this version. */
  readonly runsIn: readonly Environment[];
  readonly action: StepDefinition['action'];
}

/** Tries every step there is: its schema, a simulation of it alone, and what is imported as it. */
export async function checkSteps(registry: StepRegistry): Promise<readonly StepStanding[]> {
  const sources = importSources(registry);
  const standings: StepStanding[] = [];
  for (const definition of Object.values(registry)) {
    const { type, title, menu, action, runsIn } = definition;
    const params = sampleParams(definition);
    standings.push({
      type,
      title,
      menu: stepMenus[menu],
      settings: params === undefined ? undefined : settingsOf(definition),
      simulationError:
        params === undefined
          ? 'there are no params that it takes'
          : await simulationError(definition, params, registry),
      importedFrom: sources.get(type) ?? [],
      runsIn: action === 'now' ? runsIn : [],
      action,
    });
  }
  return standings;
}

/** Whether all of a step works that can work in this version: it is written, checked, simulated and imported. */
export function isWhole({ settings, simulationError, importedFrom }: StepStanding): boolean {
  return settings !== undefined && simulationError === undefined && importedFrom.length > 0;
}

function settingsOf({ params }: StepDefinition): number {
  const { properties = {} } = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties).length;
}

/** A step that needs an operating system on the disk to come back to is tried behind one that brings it. */
async function simulationError(
  definition: StepDefinition,
  params: Readonly<Record<string, unknown>>,
  registry: StepRegistry,
): Promise<string | undefined> {
  const { type, title } = definition;
  const child = { id: 'CHILD', name: 'Child', version: 1, steps: [] };
  const placed = { ...params, ...placeOnWindows(params) };
  const step = { step: title, type, params: placed, ...(type === RUN_SEQUENCE ? { child } : {}) };
  const alone = await simulationOf([step], definition, registry);
  return alone === undefined ? undefined : await simulationOf([APPLY, step], definition, registry);
}

/** The least number is that of the EFI partition, which no image or encryption is for: the next one. */
function placeOnWindows({ destination }: Readonly<Record<string, unknown>>): object {
  const isFirst = JSON.stringify(destination) === JSON.stringify({ disk: 0, partition: 1 });
  return isFirst ? { destination: { disk: 0, partition: 2 } } : {};
}

const APPLY = {
  step: 'Apply an image before it',
  type: 'apply-image',
  params: { image: { name: 'Sample' }, destination: { disk: 0, partition: 2 } },
};

async function simulationOf(
  nodes: readonly unknown[],
  { title, runsIn }: StepDefinition,
  registry: StepRegistry,
): Promise<string | undefined> {
  const { result } = await simulate({
    sequence: parseTaskSequence({ name: title, steps: nodes }, registry),
    registry,
    device: deviceFor(runsIn),
    content: { packages: [], others: 'assumed' },
  });
  return result.succeeded ? undefined : (result.error?.message ?? `code ${result.code}`);
}

/** A machine on which the step may run: with Windows on its disk, in Windows PE where that is possible. */
function deviceFor(runsIn: readonly Environment[]): SimulatedDevice {
  return SimulatedDevice.parse({
    name: 'Sample machine',
    firmware: 'uefi',
    architecture: 'x64',
    memoryGb: 16,
    pe: 'winpe',
    starts: runsIn.includes('winpe') ? 'pe' : 'full-os',
    os: { family: 'windows', version: '10.0.22631', productType: 'client', language: 1033 },
    tpm: { version: '2.0', enabled: true },
    macAddresses: ['52:54:00:00:00:01'],
    ipAddresses: ['10.0.0.50'],
    disks: [
      {
        sizeGb: 256,
        partitions: [
          { sizeGb: 0.5, fileSystem: 'fat32', type: 'efi' },
          { sizeGb: 200, fileSystem: 'ntfs' },
        ],
      },
    ],
  } satisfies z.input<typeof SimulatedDevice>);
}
