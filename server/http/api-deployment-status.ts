import { z } from 'zod';
import { DeviceId } from '#agent/protocol/identity.ts';
import { deviceStandings } from '../inventory/deployment-status.ts';

const Standing = z.enum(deviceStandings);

/** GET /deployments/:id/status: how it stands on the devices of its collection. */
export const DeploymentStatusView = z.object({
  counts: z.record(Standing, z.int()),
  /** Devices on which it never starts by itself as things are. */
  alerts: z.int(),
  /** At most 1,000, those with an alert and errors first. */
  devices: z.array(
    z.object({
      device: DeviceId,
      name: z.string(),
      standing: Standing,
      /** Of an error or a reason; empty where there is none. */
      code: z.string(),
      reason: z.string(),
      alert: z.boolean(),
      /** When it was last offered to the device by PXE. */
      lastOfferMs: z.int().nullable(),
    }),
  ),
});
export type DeploymentStatusView = z.infer<typeof DeploymentStatusView>;

/** POST /collections/:id/clear: how many ended runs were cleared; open ones are not. */
export const CollectionCleared = z.object({ cleared: z.int() });
