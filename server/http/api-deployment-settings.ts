import { z } from 'zod';
import { SiteDeployments } from '../inventory/site-deployments.ts';

const { shape } = SiteDeployments;

/** PUT /deployment-settings: what is left out stays. */
export const SiteDeploymentsChange = z.strictObject({
  timeZone: shape.timeZone.unwrap().optional(),
  defaultSize: shape.defaultSize.unwrap().optional(),
  maximumSize: shape.maximumSize.unwrap().optional(),
  servers: shape.servers.unwrap().optional(),
  enforceSchedulesInPe: z.boolean().optional(),
  generalWindowsBesideSpecific: z.boolean().optional(),
  contentWaitMinutes: shape.contentWaitMinutes.unwrap().optional(),
});
export type SiteDeploymentsChange = z.infer<typeof SiteDeploymentsChange>;
