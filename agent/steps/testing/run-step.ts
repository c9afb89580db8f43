import { ContentManifest } from '#agent/protocol/content.ts';
import { checkBeforeStart } from '#agent/sequence/checks.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import type { HandOverImage } from '#agent/sequence/step.ts';
import { Variables } from '#agent/sequence/variables.ts';
import { contentOf } from '#agent/simulated-machine/content.ts';
import { drive } from '#agent/simulated-machine/drive.ts';
import {
  SimulatedMachine,
  type SimulatedMachineOptions,
} from '#agent/simulated-machine/machine.ts';
import { steps } from '../index.ts';

export const GB = 1024 ** 3;

/** A package with one image, for tests. */
export function imagePackage(image: object = {}, id = 'MWL00001'): ContentManifest {
  return ContentManifest.parse({
    packageId: id,
    version: 3,
    name: 'Debian 12',
    kind: 'os-image',
    objects: [{ path: 'os.wim', sizeBytes: 1000, sha256: 'ab'.repeat(32), chunks: [] }],
    images: [
      {
        index: 1,
        name: 'Debian',
        architecture: 'x64',
        totalBytes: GB,
        kind: 'linux',
        ...image,
      },
    ],
  });
}

export interface StepRun {
  readonly steps: readonly object[];
  readonly machine?: Partial<SimulatedMachineOptions>;
  readonly content?: readonly ContentManifest[];
  /** What is in files of these packages: `MWL00002/unattend.xml`. */
  readonly contentFiles?: Readonly<Record<string, Uint8Array>>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Names of `variables` that are secret. */
  readonly secrets?: readonly string[];
  /** The site, which takes captured images. */
  readonly handOverImage?: HandOverImage;
  /** Is handed the machine before the first step: a program may look at its files. */
  readonly onMachine?: (machine: SimulatedMachine) => void;
}

function prepare({ steps: given, machine, variables = {}, secrets = [] }: StepRun) {
  const nodes = given.map((each, index) => ({ step: `S${index + 1}`, ...each }));
  return {
    sequence: parseTaskSequence({ name: 'test', steps: nodes }, steps),
    machine: new SimulatedMachine({ disks: [{ sizeBytes: 20 * GB }], ...machine }),
    changes: Object.entries(variables).map(([name, value]) => ({
      name,
      value,
      secret: secrets.includes(name),
    })),
  };
}

/** Runs steps on a simulated machine with one disk of 20 GB, to the end. */
export async function runSteps(run: StepRun) {
  const { sequence, machine, changes } = prepare(run);
  run.onMachine?.(machine);
  const log: string[] = [];
  const { state, events } = await drive({
    sequence,
    registry: steps,
    machine,
    content: run.content ?? [imagePackage()],
    ...(run.contentFiles === undefined ? {} : { contentFiles: run.contentFiles }),
    variables: changes,
    ...(run.handOverImage === undefined ? {} : { handOverImage: run.handOverImage }),
    log: (message) => log.push(message),
  });
  const value = (name: string) => state.variables.value(name);
  return { machine, state, value, log, facts: events.map(({ fact }) => fact) };
}

/** Makes the checks before the first step, and tells what they found and what they left on the machine. */
export async function checkSteps(run: StepRun) {
  const { sequence, machine, changes } = prepare(run);
  const before = JSON.stringify(machine.storage.list());
  const findings = await checkBeforeStart(sequence, steps, Variables.none.setAll(changes), {
    platform: machine.start('pe'),
    content: contentOf(run.content ?? [imagePackage()], run.contentFiles),
    log: () => {},
    signal: new AbortController().signal,
  });
  const untouched = JSON.stringify(machine.storage.list()) === before;
  return { findings, untouched };
}

/** Params of a disk with an EFI partition and one of ext4 for all the rest. */
export const linuxDisk = {
  type: 'format-disk',
  params: {
    partitions: [
      { name: 'EFI', type: 'efi', size: { mb: 512 } },
      { name: 'root', fileSystem: 'ext4', variable: 'OSVolume' },
    ],
  },
};
export const applyDebian = { type: 'apply-image', params: { image: { id: 'MWL00001' } } };
