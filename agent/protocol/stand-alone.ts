import { z } from 'zod';
import { RunId } from './identity.ts';
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

/**
 * What the installed system is given, so that a run from stand-alone media goes on there: what they grant, and of their
 * keys those of this run alone. Readable for root, and taken away when the run has ended.
 */
export const StandAloneRun = z.object({
  format: z.literal(1),
  runId: RunId,
  runKey: z.string(),
  resumeToken: z.string(),
  /** What the media say of this run, for the server that is told of it later. */
  claim: z.string(),
  media: z.object({
    id: z.uuid(),
    label: z.string(),
    launchMode: z.enum(['CD', 'UFD']),
  }),
  grant: StandAloneGrant,
});
export type StandAloneRun = z.infer<typeof StandAloneRun>;

/** In the settings of the agent in the installed system. */
export const STAND_ALONE_FILE = 'stand-alone.json';
