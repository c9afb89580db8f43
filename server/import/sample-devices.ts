import type { z } from 'zod';
import type { SequenceNode, TaskSequence } from '#agent/sequence/task-sequence.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import type { SourceFormat } from './source-sequence.ts';

type Description = z.input<typeof SimulatedDevice>;

/** What all of them are: a notebook as there are many, everything known of it. */
const notebook = {
  name: 'Sample notebook',
  manufacturer: 'Dell Inc.',
  model: 'Latitude 7490',
  serialNumber: 'SAMPLE1',
  assetTag: 'A-1001',
  smbiosGuid: '4c4c4544-0053-4110-804d-b4c04f4c4531',
  macAddresses: ['52:54:00:00:00:01'],
  ipAddresses: ['10.0.0.50'],
  gateways: ['10.0.0.1'],
  firmware: 'uefi',
  architecture: 'x64',
  secureBoot: true,
  memoryGb: 16,
  processor: 'Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz',
  chassis: 'notebook',
  disks: [{ sizeGb: 512, bus: 'nvme', model: 'Sample NVMe' }],
  tpm: { version: '2.0', enabled: true },
  battery: { status: 2 },
  pe: 'winpe',
  powershell: true,
  os: { family: 'windows', version: '10.0.22631', productType: 'client', language: 1033 },
  files: {},
  folders: { 'C:\\Windows': null },
  registry: {},
  products: [],
} as const satisfies Description;

/** A machine with an empty disk that starts in Windows PE and has Windows in the end. */
const bare = { ...notebook, name: 'Bare notebook, UEFI' } satisfies Description;
const bareBios = {
  ...notebook,
  name: 'Bare notebook, BIOS',
  firmware: 'bios',
  secureBoot: false,
} satisfies Description;
/** A machine that runs Windows. */
const installed = {
  ...notebook,
  name: 'Notebook with Windows, UEFI',
  starts: 'full-os',
  disks: [
    {
      ...notebook.disks[0],
      partitions: [
        { sizeGb: 0.5, fileSystem: 'fat32', type: 'efi' },
        { sizeGb: 0.128, type: 'msr' },
        { sizeGb: 500, fileSystem: 'ntfs' },
        { sizeGb: 1, fileSystem: 'ntfs', type: 'recovery' },
      ],
    },
  ],
} satisfies Description;

/** The same, started in Windows PE to be installed anew. */
const reinstalled = {
  ...installed,
  name: 'Notebook with Windows, in Windows PE',
  starts: 'pe',
} satisfies Description;

/** Steps that only make sense where an operating system is brought to an empty machine. */
const deploying: ReadonlySet<string> = new Set([
  'format-disk',
  'apply-image',
  'apply-windows-settings',
  'apply-network-settings',
  'setup-windows',
  'auto-apply-drivers',
  'apply-driver-package',
  'pre-provision-bitlocker',
]);

/**
 * Machines to simulate an imported sequence on, the likeliest first: one that brings an operating system
 * gets a bare machine, any other one that runs Windows.
 */
export function sampleDevices(
  sequence: TaskSequence,
  format: SourceFormat,
): readonly SimulatedDevice[] {
  const order = hasStep(sequence.steps, deploying)
    ? [bare, bareBios, reinstalled, installed]
    : [installed, bare, bareBios, reinstalled];
  return order.map((device) =>
    SimulatedDevice.parse({
      ...device,
      variables: { ...secretsOf(sequence), ...(format === 'mdt' ? mdtVariables(device) : {}) },
    } satisfies Description),
  );
}

/** What the rules of a deployment share and its wizard would have said of a new computer. */
function mdtVariables({ starts, firmware }: Description): Record<string, string> {
  return {
    DeploymentMethod: 'UNC',
    DeploymentType: starts === 'full-os' ? 'REFRESH' : 'NEWCOMPUTER',
    DeployRoot: 'Z:',
    ScriptRoot: 'Z:\\Scripts',
    OSDComputerName: 'SAMPLE1',
    IsUEFI: firmware === 'uefi' ? 'True' : 'False',
    Architecture: 'X64',
  };
}

/** Secrets that the import left to a person have some value. */
function secretsOf(sequence: TaskSequence): Record<string, { value: string; secret: true }> {
  const names = new Set(JSON.stringify(sequence.steps).match(/(?<=%)ImportedSecret\d+(?=%)/g));
  return Object.fromEntries(
    // Of the form of a product key, which any password may have too.
    [...names].map((name) => [
      name,
      {
        value: `SAMPL-EOFAS-ECRET-NUMBE-${name.replace(/\D/g, '').padStart(5, '0')}`,
        secret: true,
      },
    ]),
  );
}

function hasStep(nodes: readonly SequenceNode[], types: ReadonlySet<string>): boolean {
  return nodes.some((node) => {
    if (node.disabled) return false;
    return node.kind === 'group' ? hasStep(node.steps, types) : types.has(node.type);
  });
}
