import { z } from 'zod';
import { CollectionId } from '#agent/protocol/identity.ts';
import { WindowId, WindowSettings } from '../inventory/maintenance-window/window.ts';

/** A time that windows are open, milliseconds since 1970. */
const OpeningView = z.object({ startMs: z.int(), endMs: z.int() });

/** A maintenance window, as the operators' API tells it. */
export const WindowView = z.object({
  id: WindowId,
  collection: z.object({ id: CollectionId, name: z.string() }),
  ...WindowSettings.shape,
  /** The recurrence as an RFC 5545 RRULE; empty where it opens once. */
  rule: z.string(),
  /** When it is open next, an opening of now first; nothing of other windows. */
  next: z.array(OpeningView),
});
export type WindowView = z.infer<typeof WindowView>;

/** POST /maintenance-windows. The collection by id or name. */
export const WindowCreate = z.strictObject({
  collection: z.string().min(1).max(256),
  ...WindowSettings.shape,
});

/** PUT /maintenance-windows/:id: what is left out stays. */
export const WindowChange = z.strictObject({
  name: WindowSettings.shape.name.optional(),
  description: z.string().max(1000).optional(),
  enabled: z.boolean().optional(),
  kind: WindowSettings.shape.kind.unwrap().optional(),
  startDate: WindowSettings.shape.startDate.optional(),
  startTime: WindowSettings.shape.startTime.optional(),
  finishTime: WindowSettings.shape.finishTime.optional(),
  timeZone: WindowSettings.shape.timeZone.unwrap().optional(),
  recurrence: WindowSettings.shape.recurrence.unwrap().optional(),
});
export type WindowChange = z.infer<typeof WindowChange>;

/** GET /devices/:id/maintenance-windows: the windows of its collections, and when it may be disturbed next. */
export const DeviceWindowsView = z.object({
  windows: z.array(WindowView.omit({ next: true })),
  /** Openings for task sequences, merged and ranked (M37), the next five. */
  next: z.array(OpeningView),
});
