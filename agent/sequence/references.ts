import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { documentPath } from './document-path.ts';
import type { ReferenceKind } from './step.ts';
import type { SequenceNode, StepNode, StepRegistry, TaskSequence } from './task-sequence.ts';

/**
 * What a step, or the document, references: an image or package by id, by name, or both; always its newest version.
 * The id counts where both are given. In a pinned document each has its id.
 */
export const ContentReference = z
  .strictObject({
    id: PackageId.optional().meta({ title: 'Id' }),
    name: z.string().min(1).max(128).optional().meta({ title: 'Name' }),
  })
  .refine(({ id, name }) => id !== undefined || name !== undefined, 'needs an id or a name');
export type ContentReference = z.infer<typeof ContentReference>;

/** One reference of an enabled step, or of the document itself. */
export interface FoundReference {
  /** Undefined for the boot image of the document. */
  readonly step: StepNode | undefined;
  /** Place in the document: `steps[0].params.image`, `bootImage`. */
  readonly path: string;
  readonly reference: ContentReference;
  readonly kind: ReferenceKind;
  /** The step, or a group around it, continues on error: missing content does not stop the run (M06). */
  readonly tolerated: boolean;
}

/**
 * The boot image of the document, then all references of enabled steps, whatever their conditions will say.
 * Disabled ones are not looked at.
 */
export function listReferences(
  sequence: TaskSequence,
  registry: StepRegistry,
): readonly FoundReference[] {
  const found: FoundReference[] = [];
  const { bootImage } = sequence;
  if (bootImage !== undefined)
    found.push({
      step: undefined,
      path: 'bootImage',
      reference: bootImage,
      kind: 'boot-image',
      tolerated: false,
    });
  const walk = (nodes: readonly SequenceNode[], around: boolean, base: string): void => {
    for (const [index, node] of nodes.entries()) {
      if (node.disabled) continue;
      const path = documentPath(base, ['steps', index]);
      const tolerated = around || node.continueOnError;
      if (node.kind === 'group')
        walk(node.steps, tolerated, node.child === undefined ? path : `${path}.child`);
      else
        for (const { keys, reference, kind } of referencesOf(node, registry))
          found.push({
            step: node,
            path: documentPath(path, ['params', ...keys]),
            reference,
            kind,
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
  resolve: (reference: ContentReference, kind: ReferenceKind) => PackageId | undefined,
): TaskSequence {
  const pin = (node: SequenceNode): SequenceNode => {
    if (node.kind === 'group') return { ...node, steps: node.steps.map(pin) };
    let { params } = node;
    for (const { keys, reference, kind } of referencesOf(node, registry)) {
      const id = resolve(reference, kind);
      if (id !== undefined) params = withValue(params, keys, { ...reference, id });
    }
    return { ...node, params };
  };
  const { bootImage } = sequence;
  const id = bootImage && resolve(bootImage, 'boot-image');
  return {
    ...sequence,
    ...(id === undefined ? {} : { bootImage: { ...bootImage, id } }),
    steps: sequence.steps.map(pin),
  };
}

/** Keys of one value in the params of a step: `['packages', 2]`. */
type Keys = readonly (string | number)[];

/** The references in the params of one step, each with where it stands in them. */
export function* referencesOf(
  { type, params }: Pick<StepNode, 'type' | 'params'>,
  registry: StepRegistry,
): Generator<{ keys: Keys; reference: ContentReference; kind: ReferenceKind }> {
  const definition = Object.hasOwn(registry, type) ? registry[type] : undefined;
  for (const [place, kind] of Object.entries(definition?.referenceParams ?? {}))
    for (const { keys, value } of valuesAt(params, place.split('.'), [])) {
      const reference = ContentReference.safeParse(value);
      if (reference.success) yield { keys, reference: reference.data, kind };
    }
}

/** The values at a place like `answerFile.package` or `packages[]`, `[]` standing for each of a list. */
function* valuesAt(
  value: unknown,
  [part, ...inner]: readonly string[],
  keys: Keys,
): Generator<{ keys: Keys; value: unknown }> {
  if (part === undefined) {
    yield { keys, value };
    return;
  }
  const isList = part.endsWith('[]');
  const key = isList ? part.slice(0, -2) : part;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return;
  const found: unknown = Reflect.get(value, key);
  if (!isList) yield* valuesAt(found, inner, [...keys, key]);
  else if (Array.isArray(found))
    for (const [index, each] of found.entries())
      yield* valuesAt(each, inner, [...keys, key, index]);
}

type Params = Readonly<Record<string, unknown>>;

function withValue(params: Params, keys: Keys, value: unknown): Params {
  const replaced = (at: unknown, [key, ...inner]: Keys): unknown => {
    if (key === undefined) return value;
    if (Array.isArray(at))
      return at.map((each, index) => (index === key ? replaced(each, inner) : each));
    return { ...Object(at), [key]: replaced(Reflect.get(Object(at), key), inner) };
  };
  const [first = '', ...inner] = keys;
  return { ...params, [first]: replaced(params[first], inner) };
}
