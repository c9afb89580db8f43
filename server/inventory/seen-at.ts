import { z } from 'zod';

/** Where a machine was when it last came by, as far as its network boot and its registration tell. */
export const SeenAt = z.object({
  atMs: z.int(),
  /** IP address that it registered from. */
  address: z.string().nullable(),
  /** Interface of this server on which its network boot was heard. */
  interfaceName: z.string().nullable(),
  /** DHCP relay of its subnet (giaddr); null where it boots beside the server. */
  relay: z.string().nullable(),
  /** Switch port: circuit id of option 82, where relay or switch adds it. */
  port: z.string().nullable(),
  /** Switch: remote id of option 82. */
  switchId: z.string().nullable(),
});
export type SeenAt = z.infer<typeof SeenAt>;
