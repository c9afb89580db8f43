import { z } from 'zod';
import { DeploymentCreate } from '../http/api.ts';
import { CollectionCreate, RuleWish } from '../http/api-collections.ts';
import { VariableSet } from '../http/api-variables.ts';

const Name = z.string().trim().min(1).max(128);

/** A collection as a file describes it; what a file leaves out is as if it had just been made. */
export const CollectionDocument = z.strictObject({
  kind: z.literal('collection'),
  name: CollectionCreate.shape.name,
  /** Name of the collection that limits it. */
  limiting: Name.default('All Systems'),
  precedence: z.int().min(0).max(1_000_000).default(1),
  rules: z.array(RuleWish).max(1000).default([]),
  /** Those that are not secret. */
  variables: z.record(z.string().min(1).max(256), VariableSet.shape.value).default({}),
  /** Secret ones, by name: no file has their values, but they have to be there. */
  secretVariables: z.array(z.string().min(1).max(256)).max(1000).default([]),
});
export type CollectionDocument = z.infer<typeof CollectionDocument>;

/** A deployment as a file describes it. A task sequence is deployed to a collection once. */
export const DeploymentDocument = z.strictObject({
  kind: z.literal('deployment'),
  sequence: Name,
  collection: Name,
  purpose: DeploymentCreate.shape.purpose,
  confirmUnknown: DeploymentCreate.shape.confirmUnknown,
});
export type DeploymentDocument = z.infer<typeof DeploymentDocument>;

/** What a file says what it is; one without is a task sequence. */
export const ObjectDocument = z.discriminatedUnion('kind', [
  CollectionDocument,
  DeploymentDocument,
]);
export type ObjectDocument = z.infer<typeof ObjectDocument>;

/** A task sequence as a file has it. */
export interface SequenceFile {
  readonly kind: 'sequence';
  readonly name: string;
  readonly text: string;
  readonly format: 'yaml' | 'json';
}

/** One file of a folder. */
export type WantedObject = (ObjectDocument | SequenceFile) & {
  /** Path below the folder. */
  readonly file: string;
};
