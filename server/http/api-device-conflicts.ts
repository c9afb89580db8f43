import { z } from 'zod';
import { DeviceId, RunId } from '#agent/protocol/identity.ts';
import { DeviceView } from './api.ts';

const Side = z.object({ id: DeviceId, name: z.string(), serialNumber: z.string().nullable() });

/** GET /device-conflicts: records that could be one machine, and nobody has decided about. */
export const ConflictView = z.object({
  /** The record that the machine was given. */
  device: Side,
  other: Side,
  why: z.string(),
  firstMs: z.int(),
  lastMs: z.int(),
});
export type ConflictView = z.infer<typeof ConflictView>;

/**
 * POST /device-conflicts/:device/:other, the choices of Configuration Manager: `merge` makes one record of
 * both, the other one's; `new` says that they are two machines; `block` refuses the machine.
 */
export const ConflictDecision = z.strictObject({ action: z.enum(['merge', 'new', 'block']) });

/** POST /devices/:id/merge: this record goes into another one, by id, name or another identifier. */
export const DeviceMerge = z.strictObject({ into: z.string().min(1).max(256) });
export const DeviceMerged = z.object({
  device: DeviceView,
  /** Names of variables that both had: those of the record that stays were kept. */
  keptVariables: z.array(z.string()),
  runs: z.int(),
});

/**
 * POST /devices/:id/split: these identifiers of a record are another machine's. `both`: MAC addresses and
 * the GUID that both machines have; they go on the list of shared ones. `runs`: ended runs that were on
 * the other machine.
 */
export const DeviceSplitWish = z.strictObject({
  identifiers: z.array(z.string().min(1).max(256)).min(1).max(64),
  both: z.array(z.string().min(1).max(64)).max(64).default([]),
  name: z.string().trim().min(1).max(64).optional(),
  runs: z.array(RunId).max(1000).default([]),
});
export const DeviceSplit = z.object({
  device: DeviceView,
  /** The new record, which waits for approval. */
  made: DeviceView,
  runs: z.int(),
});

/** GET /shared-identifiers: MAC addresses and GUIDs that several machines have; they identify none. */
export const SharedView = z.object({
  kind: z.enum(['mac', 'guid']),
  value: z.string(),
  /** Found out by the server. */
  learned: z.boolean(),
  why: z.string(),
  atMs: z.int(),
});
/** POST /shared-identifiers. */
export const SharedAdd = z.strictObject({
  value: z.string().min(1).max(64),
  why: z.string().max(256).default(''),
});
