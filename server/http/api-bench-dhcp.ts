import { z } from 'zod';
import { BenchDhcpSettings, BenchPoolSettings } from '../inventory/bench-dhcp.ts';

/** PUT /netboot/dhcp: all pools and reservations, in the place of those there were. */
export const BenchDhcpPut = BenchDhcpSettings;

/** GET /netboot/dhcp: what isolated benches are granted, and whether it is now. */
export const BenchDhcpView = z.object({
  pools: z.array(
    BenchPoolSettings.extend({
      /** `off`: its interface is not there, or not answered on, or is another server's. */
      state: z.enum(['off', 'listening', 'serving', 'stopped']),
      reason: z.string(),
      /** The other DHCP server that stopped it. */
      stoppedBy: z.string().nullable(),
      sinceMs: z.int().nullable(),
    }),
  ),
  reservations: z.array(
    z.object({ device: z.string(), deviceName: z.string().nullable(), address: z.string() }),
  ),
});
export type BenchDhcpView = z.infer<typeof BenchDhcpView>;

/** POST /netboot/dhcp/start. */
export const BenchDhcpStart = z.strictObject({ interfaceName: z.string().min(1).max(64) });

/** GET /netboot/dhcp/leases: what was granted, the newest first; also what is over. */
export const DhcpLeaseView = z.object({
  address: z.string(),
  mac: z.string(),
  hostName: z.string(),
  state: z.enum(['leased', 'released', 'declined']),
  /** Until then nobody else gets the address. */
  untilMs: z.int(),
});
export type DhcpLeaseView = z.infer<typeof DhcpLeaseView>;
