import { z } from 'zod';
import type { CollectionId } from '#agent/protocol/identity.ts';
import { Recurrence } from '../schedule/recurrence.ts';
import { TimeOfDay, TimeZone } from '../schedule/wall-time.ts';

/** Id of a maintenance window. */
export const WindowId = z
  .string()
  .regex(/^[A-Z0-9]{3}[0-9A-F]{5}$/, 'like MW140001')
  .brand<'WindowId'>();
export type WindowId = z.infer<typeof WindowId>;

/** What a window is for: all deployments (Configuration Manager's type 1), software updates (4), task sequences (5). */
const WindowKind = z.enum(['general', 'task-sequences', 'software-updates']);

/** What an operator says of a maintenance window. */
export const WindowSettings = z
  .strictObject({
    name: z.string().trim().min(1).max(128),
    description: z.string().max(1000).default(''),
    enabled: z.boolean().default(true),
    kind: WindowKind.default('general'),
    /** First day it may open on; the recurrence is counted from there. */
    startDate: z.iso.date(),
    startTime: TimeOfDay,
    /** At or before the start it is that of the next day. */
    finishTime: TimeOfDay,
    timeZone: TimeZone.default('local'),
    recurrence: Recurrence.default({ kind: 'none' }),
  })
  .refine(({ startTime, finishTime }) => startTime !== finishTime, {
    path: ['finishTime'],
    message: 'a maintenance window is shorter than 24 hours: start and finish differ',
  });
export type WindowSettings = z.infer<typeof WindowSettings>;

/** A span of time, repeated or not, in which machines of a collection may be disturbed. */
export interface MaintenanceWindow extends WindowSettings {
  readonly id: WindowId;
  readonly collectionId: CollectionId;
}
