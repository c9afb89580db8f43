import { z } from 'zod';
import { NamedTimeZone } from './schedule/wall-time.ts';

/** Windows PE restarts itself after 72 hours: a wait has to end well before. */
const LONGEST_CONTENT_WAIT_HOURS = 60;

/** How long a required deployment waits for content that is missing, in minutes (M30). */
export const ContentWaitMinutes = z
  .int()
  .min(1)
  .max(
    LONGEST_CONTENT_WAIT_HOURS * 60,
    `a wait for content is at most ${LONGEST_CONTENT_WAIT_HOURS} hours (${LONGEST_CONTENT_WAIT_HOURS * 60} minutes), because Windows PE restarts itself after 72`,
  );

/** What holds for all deployments of the site; an operator sets it. */
export const SiteDeployments = z
  .strictObject({
    /** What *local time* is in schedules and maintenance windows. */
    timeZone: NamedTimeZone.default('UTC'),
    /** Members from which on a high-risk deployment has a warning to accept; 0: never. */
    defaultSize: z.int().min(0).max(1_000_000).default(100),
    /** Members above which a high-risk deployment is refused; 0: never. */
    maximumSize: z.int().min(0).max(1_000_000).default(0),
    /** What becomes of a high-risk deployment to a collection with servers in it. */
    servers: z.enum(['block', 'warn']).default('block'),
    /** Whether machines in a PE obey schedules; Configuration Manager's do not. */
    enforceSchedulesInPe: z.boolean().default(false),
    /** Whether windows for all deployments count for a device that has some for task sequences alone (M37). */
    generalWindowsBesideSpecific: z.boolean().default(false),
    contentWaitMinutes: ContentWaitMinutes.default(60),
  })
  .refine(({ defaultSize, maximumSize }) => maximumSize === 0 || maximumSize > defaultSize, {
    path: ['maximumSize'],
    message: 'the maximum size is greater than the default size, or 0 for none',
  });
export type SiteDeployments = z.infer<typeof SiteDeployments>;
