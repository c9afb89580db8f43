import { z } from 'zod';
import { CLIENT_RULE } from '../dhcp/client-rule.ts';

const ClientRule = z
  .string()
  .regex(
    CLIENT_RULE,
    'is a MAC address or its first bytes, arch:<name>, or class:<what option 60 begins with>',
  );

/** Boot clients, by rules of dhcp/client-rule.ts. */
export const ClientRules = z.array(ClientRule).max(1000);

/** Seconds that other PXE servers have to answer first. */
export const ResponseDelaySeconds = z.int().min(0).max(30);
