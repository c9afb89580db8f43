import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { documentPath } from './step-params.ts';
import type { SequenceNode, StepNode, StepRegistry, TaskSequence } from './task-sequence.ts';

/**
 * What a step references: an image or package by id, by name, or both; always its newest version.
 * The id counts where both are given. In a pinned document each has its id.
 */
export const ContentReference = z
  .strictObject({ id: PackageId.optional(), name: z.string().min(1).max(128).optional() })
  .refine(({ id, name }) => id !== undefined || name !== undefined, 'needs an id or a name');
export type ContentReference = z.infer<typeof ContentReference>;

/** One reference of an enabled step. */
export interface FoundReference {
  readonly step: StepNode;
  /** Place in the document: `steps[0].params.image`. */
  readonly path: string;
  readonly reference: ContentReference;
  /** The step, or a group around it, continues on error: missing content does not stop the run (M06). */
  readonly tolerated: boolean;
}

/** All references of enabled steps, whatever their conditions will say. Disabled ones are not looked at. */
export function listReferences(
  sequence: TaskSequence,
  registry: StepRegistry,
): readonly FoundReference[] {
  const found: FoundReference[] = [];
  const walk = (nodes: readonly SequenceNode[], around: boolean, base: string): void => {
    for (const [index, node] of nodes.entries()) {
      if (node.disabled) continue;
      const path = documentPath(base, ['steps', index]);
      const tolerated = around || node.continueOnError;
      if (node.kind === 'group')
        walk(node.steps, tolerated, node.child === undefined ? path : `${path}.child`);
      else
        for (const { key, reference } of referencesOf(node, registry))
          found.push({
            step: node,
            path: documentPath(path, ['params', key]),
            reference,
            tolerated,
          });
    }
  };
  walk(sequence.steps, false, '');
  return found;
}

/**
 * The sequence with the id of each reference put in, as `resolve` tells it; a reference that resolves
 * to nothing stays as it is.
 */
export function pinReferences(
  sequence: TaskSequence,
  registry: StepRegistry,
  resolve: (reference: ContentReference) => PackageId | undefined,
): TaskSequence {
  const pin = (node: SequenceNode): SequenceNode => {
    if (node.kind === 'group') return { ...node, steps: node.steps.map(pin) };
    const params = { ...node.params };
    for (const { key, reference } of referencesOf(node, registry)) {
      const id = resolve(reference);
      if (id !== undefined) params[key] = { ...reference, id };
    }
    return { ...node, params };
  };
  return { ...sequence, steps: sequence.steps.map(pin) };
}

function* referencesOf(
  { type, params }: StepNode,
  registry: StepRegistry,
): Generator<{ key: string; reference: ContentReference }> {
  for (const key of registry[type]?.referenceParams ?? []) {
    const reference = ContentReference.safeParse(params[key]);
    if (reference.success) yield { key, reference: reference.data };
  }
}
