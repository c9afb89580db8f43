import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { simulate } from '#agent/simulated-machine/simulate.ts';
import { steps } from '../index.ts';

/** A disk as Windows has it, with the volume `OSDisk`. */
export const windowsDisk = {
  type: 'format-disk',
  params: {
    partitions: [
      { name: 'EFI', type: 'efi', size: { mb: 500 } },
      { type: 'msr', size: { mb: 16 } },
      { name: 'Windows', size: { gb: 60 }, variable: 'OSDisk' },
      { name: 'Data' },
    ],
  },
};
export const applyWindows = { type: 'apply-image', params: { image: { name: 'Windows 11' } } };

interface SimulatedSteps {
  /** Beside UEFI, Windows PE and one disk. */
  readonly device?: object;
  readonly variables?: Readonly<Record<string, string>>;
}

/** Simulates steps on a Windows machine of UEFI, in Windows PE; content is taken to be there. */
export async function simulateSteps(
  given: readonly object[],
  { device, variables = {} }: SimulatedSteps = {},
) {
  const report = await simulate({
    sequence: parseTaskSequence({ name: 'test', steps: given.map(named) }, steps),
    registry: steps,
    device: SimulatedDevice.parse({
      name: 'PC1',
      firmware: 'uefi',
      architecture: 'x64',
      pe: 'winpe',
      ...device,
    }),
    content: { packages: [], others: 'assumed' },
    variables: Object.entries(variables).map(([name, value]) => ({ name, value, secret: false })),
  });
  const last = report.nodes.at(-1);
  const set = Object.fromEntries((last?.variables ?? []).map(({ name, value }) => [name, value]));
  return { ...report, last, set };
}

/** A device that runs Windows, on a disk with two partitions. */
export const inWindows = {
  starts: 'full-os',
  os: { family: 'windows', version: '10.0.22631', productType: 'client' },
  disks: [
    {
      sizeGb: 100,
      partitions: [
        { type: 'efi', sizeGb: 1, fileSystem: 'fat32' },
        { type: 'primary', sizeGb: 90, fileSystem: 'ntfs' },
      ],
    },
  ],
};

/** What is wrong with a step of a document: `path: message`. */
export function faultsOf(type: string, params: object): readonly string[] {
  try {
    parseTaskSequence({ name: 'test', steps: [named({ type, params }, 0)] }, steps);
    return [];
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

function named(step: object, index: number): object {
  return { step: `S${index + 1}`, ...step };
}
