import { z } from 'zod';
import { DriverFacts } from '#agent/drivers/driver-facts.ts';
import { DriverPack } from '#agent/drivers/driver-pack.ts';
import { MachineArchitecture, PackageId } from '#agent/protocol/identity.ts';

/** A driver package, and which machines it was made for. GET /driver-packages. */
export const DriverPackageView = z.object({
  packageId: PackageId,
  name: z.string(),
  version: z.int(),
  driverCount: z.int(),
  architectures: z.array(MachineArchitecture),
  categories: z.array(z.string()),
  pack: DriverPack.nullable(),
  problem: z.string().nullable(),
});
export type DriverPackageView = z.infer<typeof DriverPackageView>;

/** A driver of the catalogue. GET /drivers. */
export const DriverView = z.object({
  packageId: PackageId,
  packageName: z.string(),
  inf: z.string(),
  className: z.string(),
  provider: z.string(),
  date: z.string().nullable(),
  version: z.string().nullable(),
  architectures: z.array(MachineArchitecture),
  /** How many ids it is for. */
  idCount: z.int(),
});
export type DriverView = z.infer<typeof DriverView>;

export const DriverListQuery = z.object({ package: PackageId.optional() });

/** GET /drivers/:id?inf=…, of a driver package. */
export const DriverShowQuery = z.object({ inf: z.string().max(1024).default('') });
export const DriverDetail = z.object({ facts: DriverFacts });

/** GET /drivers/find?id=… : which drivers are for a device, under which Windows. */
export const DriverFindQuery = z.object({
  id: z.string().trim().min(3).max(400),
  architecture: MachineArchitecture.default('x64'),
  windows: z
    .string()
    .regex(/^\d{1,2}\.\d{1,2}\.\d{1,6}(\.\d{1,6})?$/)
    .default('10.0.26100'),
  productType: z.enum(['client', 'server']).default('client'),
});
export const RankedDriverView = z.object({
  packageId: PackageId,
  packageName: z.string(),
  inf: z.string(),
  className: z.string(),
  provider: z.string(),
  date: z.string().nullable(),
  version: z.string().nullable(),
  verdict: z.enum(['wins', 'fits', 'other']),
  id: z.string().nullable(),
  featureScore: z.int().nullable(),
  identifierScore: z.int().nullable(),
  extensionId: z.string().nullable(),
});
export type RankedDriverView = z.infer<typeof RankedDriverView>;

const GapDevice = z.object({
  id: z.string(),
  hardwareId: z.string(),
  pciClass: z.string(),
  isStorage: z.boolean(),
  driver: z.enum(['covered', 'other-boards', 'none']),
  machines: z.int(),
  lastSeenMs: z.int().nullable(),
});

/** Devices of a make and model that nothing has a driver for. GET /drivers/missing. */
export const DriverGapView = z.object({
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  machines: z.int(),
  lastSeenMs: z.int().nullable(),
  devices: z.array(GapDevice),
});
export type DriverGapView = z.infer<typeof DriverGapView>;

/** GET /drivers/coverage?model=… */
export const DriverCoverageQuery = z.object({ model: z.string().trim().min(1).max(513) });
export const DriverCoverageView = z.object({
  machines: z.int(),
  packs: z.array(z.object({ packageId: PackageId, name: z.string(), fit: z.string() })),
  gaps: z.array(DriverGapView),
});
export type DriverCoverageView = z.infer<typeof DriverCoverageView>;
