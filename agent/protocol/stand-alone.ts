import { z } from 'zod';
import { RunGrant } from './policy.ts';

/** Address of content on stand-alone media: the host says nothing, an object's path follows. */
export const MEDIA_SOURCE = 'media://here';

/**
 * What stand-alone media grant in the place of a server: everything that is pinned when they are made. Ids of runs,
 * their keys and what is known of the machine come at the machine.
 */
export const StandAloneGrant = RunGrant.pick({
  sequenceName: true,
  documentJson: true,
  documentSha256: true,
  content: true,
}).extend({
  sequenceId: z.string(),
  sequenceVersion: z.int().positive(),
  description: z.string(),
  /** What a list in variables may name. */
  software: RunGrant.shape.software,
  driverPackages: RunGrant.shape.driverPackages,
  /** Begins without a person; a password is asked for all the same. */
  unattended: z.boolean(),
});
export type StandAloneGrant = z.infer<typeof StandAloneGrant>;
