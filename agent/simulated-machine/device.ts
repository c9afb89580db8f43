import { z } from 'zod';
import {
  FirmwareKind,
  MacAddress,
  MachineArchitecture,
  SmbiosGuid,
} from '#agent/protocol/identity.ts';
import { diskBuses } from '#agent/sequence/platform.ts';
import { registryTypes } from '#agent/sequence/query-capability.ts';
import { variableNameProblem } from '#agent/sequence/variables.ts';

/** YAML reads 0123 as a number, without its zero, and 2.10 as 2.1. */
const Text = z
  .string({
    error: ({ input }) => (typeof input === 'number' ? 'is text: put it in quotes' : undefined),
  })
  .min(1)
  .max(256);
const Path = z.string().min(1).max(1024);
const MANY = 1000;

/** Chassis types by their names in SMBIOS (7.4.1), as `Win32_SystemEnclosure.ChassisTypes` has them. */
export const chassisTypes = {
  desktop: 3,
  'low-profile-desktop': 4,
  'mini-tower': 6,
  tower: 7,
  portable: 8,
  laptop: 9,
  notebook: 10,
  'hand-held': 11,
  'all-in-one': 13,
  'sub-notebook': 14,
  'space-saving': 15,
  'main-server': 17,
  'rack-mount': 23,
  'sealed-case': 24,
  blade: 28,
  tablet: 30,
  convertible: 31,
  detachable: 32,
  'mini-pc': 35,
} as const;
const chassisNames = Object.keys(chassisTypes).filter(
  (name): name is keyof typeof chassisTypes => name in chassisTypes,
);

/** More than what the partition table and its copy take. */
const TABLES_GB = 0.01;

/** What is on a disk before the run. */
const ExistingPartition = z.strictObject({
  sizeGb: z.number().positive().max(1_000_000),
  /** As the tools name it: ntfs, fat32, ext4, xfs; left out: not formatted. */
  fileSystem: z.string().max(32).default(''),
  type: z.enum(['efi', 'msr', 'primary', 'recovery']).default('primary'),
  /** Free space of its file system; left out: all of it. */
  freeGb: z.number().nonnegative().max(1_000_000).optional(),
});

const SimulatedDeviceDisk = z
  .strictObject({
    sizeGb: z.number().positive().max(1_000_000),
    model: Text.optional(),
    serialNumber: Text.optional(),
    bus: z.enum(diskBuses).optional(),
    /** As the machine says of it; a disk on USB is, unless this says otherwise. */
    removable: z.boolean().optional(),
    /** The machine was started from it. */
    bootMedium: z.boolean().default(false),
    readOnly: z.boolean().default(false),
    sectorBytes: z.literal([512, 4096]).default(512),
    partitions: z.array(ExistingPartition).max(128).default([]),
  })
  .refine(
    ({ sizeGb, partitions }) =>
      partitions.reduce((sum, partition) => sum + partition.sizeGb, TABLES_GB) <= sizeGb,
    { path: ['partitions'], message: 'the partitions are larger than the disk' },
  )
  .refine(({ partitions }) => partitions.every(({ sizeGb, freeGb = 0 }) => freeGb <= sizeGb), {
    path: ['partitions'],
    message: 'more is free on a partition than it has',
  });

const PathProperties = z.strictObject({
  modified: z.iso.datetime({ offset: true }).optional(),
  version: z
    .string()
    .regex(/^\d+(\.\d+){0,3}$/, 'a version is up to four numbers with points')
    .optional(),
});
const RegistryValue = z.union([
  z.string().max(4000),
  z.int(),
  z.strictObject({
    type: z.enum(registryTypes),
    data: z.union([z.string().max(16_000), z.int(), z.array(z.string().max(4000)).max(MANY)]),
  }),
]);
const Product = z.strictObject({
  productCode: z.string().regex(/^\{[0-9A-F-]{36}\}$/i, 'a code in braces'),
  upgradeCode: z
    .string()
    .regex(/^\{[0-9A-F-]{36}\}$/i, 'a code in braces')
    .optional(),
  name: Text,
  version: Text,
});
const OperatingSystem = z.strictObject({
  family: z.enum(['windows', 'linux']),
  version: Text,
  productType: z.enum(['client', 'server', 'domain-controller']).optional(),
  /** LCID: 1033 is English (United States). */
  language: z.int().positive().max(0xffff).optional(),
});
const VariableValue = z.union([
  z.string().max(4000),
  z.number().transform(String),
  z.boolean().transform(String),
  z.strictObject({ value: z.string().max(4000), secret: z.boolean().default(false) }),
]);
const VariableName = z.string().superRefine((name, context) => {
  const problem = variableNameProblem(name);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});
const WmiProperty = z.union([
  z.string().max(4000),
  z.number(),
  z.boolean(),
  z.null(),
  z.array(z.string().max(4000)).max(MANY),
]);

/**
 * A machine as a file describes it. What is left out is not known: a condition that asks for it is taken
 * for false, and the report says so. `false` and an empty list say that there is none.
 */
export const SimulatedDevice = z
  .strictObject({
    $schema: z.string().max(2000).optional(),
    name: z.string().min(1).max(64),
    manufacturer: Text.optional(),
    model: Text.optional(),
    serialNumber: Text.optional(),
    assetTag: Text.optional(),
    smbiosGuid: SmbiosGuid.optional(),
    macAddresses: z.array(MacAddress).max(64).default([]),
    ipAddresses: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(64)
      .default([]),
    gateways: z
      .array(z.union([z.ipv4(), z.ipv6()]))
      .max(64)
      .default([]),
    firmware: FirmwareKind,
    architecture: MachineArchitecture,
    secureBoot: z.boolean().default(false),
    memoryGb: z.number().positive().max(100_000).optional(),
    processor: Text.optional(),
    chassis: z.enum(chassisNames).optional(),
    disks: z.array(SimulatedDeviceDisk).max(100).optional(),
    tpm: z
      .union([z.literal(false), z.strictObject({ version: Text, enabled: z.boolean() })])
      .optional(),
    /** BatteryStatus of Win32_Battery: 1 discharging, 2 on mains. */
    battery: z
      .union([z.literal(false), z.strictObject({ status: z.int().min(1).max(11) })])
      .optional(),
    /** Which PE it starts: that of the operator's kit, or the one built here. */
    pe: z.enum(['winpe', 'linux-pe']).default('linux-pe'),
    /** What the run begins in: the PE, or the operating system that is on the disk already, which is `os`. */
    starts: z.enum(['pe', 'full-os']).default('pe'),
    /** Whether PowerShell is in the PE; left out: in Windows PE it is, in Linux PE it is not. */
    powershell: z.boolean().optional(),
    /** The operating system that the run comes to when it restarts to the disk, or begins in. */
    os: OperatingSystem.optional(),
    files: z.record(Path, PathProperties.nullable()).optional(),
    folders: z.record(Path, PathProperties.nullable()).optional(),
    registry: z.record(Path, z.record(z.string().max(250), RegistryValue)).optional(),
    products: z.array(Product).max(MANY).optional(),
    /** More classes for WMI queries, or more properties of those that follow from the above. */
    wmi: z.record(Text, z.array(z.record(Text, WmiProperty)).max(MANY)).default({}),
    /** What is only assumed of it: said above the report. */
    notes: z.array(z.string().min(1).max(300)).max(20).default([]),
    /** Variables of the device, and of its collections. */
    variables: z.record(VariableName, VariableValue).default({}),
  })
  .superRefine(({ starts, os, disks }, context) => {
    if (starts !== 'full-os') return;
    if (os === undefined)
      context.addIssue({
        code: 'custom',
        path: ['os'],
        message: 'is needed where the run begins in it: describe its family and version',
      });
    // The first disk, as a machine starts from it.
    const isFormatted = disks?.[0]?.partitions.some(({ fileSystem }) => fileSystem !== '');
    if (isFormatted === false)
      context.addIssue({
        code: 'custom',
        path: ['disks', 0, 'partitions'],
        message: 'has no formatted partition for the operating system that the run begins in',
      });
    if (disks?.length === 0)
      context.addIssue({
        code: 'custom',
        path: ['disks'],
        message: 'has none for the operating system that the run begins in',
      });
  });
export type SimulatedDevice = z.infer<typeof SimulatedDevice>;
