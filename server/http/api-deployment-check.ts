import { z } from 'zod';
import { ErrorBody } from '#agent/protocol/error.ts';
import { DeploymentId } from '#agent/protocol/identity.ts';
import { SequenceReference } from '#agent/sequence/child-sequence.ts';
import { DeploymentCreate } from './api.ts';
import { CollectionCreate } from './api-collections.ts';

const Name = z.string().trim().min(1).max(256);

/**
 * POST /deployments/check: what would keep deployments from being made or changed once the task sequences and collections
 * are stored that are to come. They take the place of those that have their names.
 */
export const DeploymentsCheck = z.strictObject({
  deployments: z
    .array(
      DeploymentCreate.omit({ commandPromptPassword: true }).extend({
        /** One that is there: whether its settings may be changed to these, and nothing else. */
        changes: DeploymentId.optional(),
      }),
    )
    .min(1)
    .max(1000),
  sequences: z
    .array(
      z.strictObject({
        name: Name,
        /** Names of enabled steps that format disks, apply images or upgrade Windows. */
        risky: z.array(z.string()).max(10_000),
        upgrades: z.boolean(),
        /** Sequences that it runs. */
        runs: z.array(SequenceReference).max(10_000),
      }),
    )
    .max(5000)
    .default([]),
  collections: z
    .array(CollectionCreate.omit({ kind: true }))
    .max(5000)
    .default([]),
});
export type DeploymentsCheck = z.input<typeof DeploymentsCheck>;

/** In the order of the deployments: all that POST /deployments, or PUT of one, would refuse each for. */
export const DeploymentsChecked = z.array(z.object({ refusals: z.array(ErrorBody) }));
export type DeploymentsChecked = z.infer<typeof DeploymentsChecked>;
