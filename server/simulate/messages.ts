import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { SequenceId } from '#agent/protocol/identity.ts';
import type { VariableChange } from '#agent/protocol/run-event.ts';
import type { SequenceReference } from '#agent/sequence/child-sequence.ts';
import type { ContentReference } from '#agent/sequence/references.ts';

/** A task sequence that is simulated: as somebody wrote it, or as it is stored. */
export type SimulatedSource =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'stored';
      readonly id: SequenceId;
      readonly name: string;
      readonly documentJson: string;
    };

/** All that a simulation is of. What is large is read in the worker alone. */
export interface SimulationJob {
  readonly source: SimulatedSource;
  /** A description of a device (agent/simulated-machine/device.ts), not read yet. */
  readonly device: unknown;
  readonly variables: readonly VariableChange[];
  readonly fail: readonly { readonly node: string; readonly code: number }[];
  readonly answers: readonly { readonly node: string; readonly verdict: boolean }[];
}

/** What the worker asks of the store, one at a time. */
export type SimulationQuestion =
  | { readonly kind: 'child'; readonly reference: SequenceReference }
  | { readonly kind: 'packages'; readonly references: readonly ContentReference[] };

/** A child as it is stored; null when there is none. */
export const ChildAnswer = z
  .object({
    id: SequenceId,
    name: z.string(),
    version: z.int(),
    disabled: z.boolean(),
    documentJson: z.string(),
  })
  .nullable();
export const PackagesAnswer = z.array(ContentManifest);

/** From the worker to its starter. */
export type SimulationMessage =
  | { readonly kind: 'ask'; readonly question: SimulationQuestion }
  | { readonly kind: 'done'; readonly reportJson: Uint8Array }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly message: string;
      readonly hint?: string;
    };
