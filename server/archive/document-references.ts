import { RUN_SEQUENCE, SequenceReference } from '#agent/sequence/child-sequence.ts';
import { documentPath } from '#agent/sequence/document-path.ts';
import { ContentReference, referencesOf } from '#agent/sequence/references.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';
import { steps } from '#agent/steps/index.ts';

/** Keys that lead to a value of a document: `['steps', 0, 'params', 'image']`. */
export type Keys = readonly (string | number)[];

/** A step of a document as it is written. */
export interface DocumentStep {
  readonly keys: Keys;
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** The boot image, or a reference of a step, enabled or not: of an archive all have to lead somewhere. */
export interface DocumentReference {
  readonly keys: Keys;
  /** The same as text: `steps[0].params.image`. */
  readonly path: string;
  readonly kind: ReferenceKind | 'sequence';
  readonly id: string | undefined;
  readonly name: string | undefined;
}

/** All steps of a document that was checked, disabled ones too. */
export function* stepsOf(document: unknown, keys: Keys = []): Generator<DocumentStep> {
  if (!isObject(document) || !Array.isArray(document['steps'])) return;
  for (const [index, node] of document['steps'].entries()) {
    if (!isObject(node)) continue;
    const at = [...keys, 'steps', index];
    const { type, params } = node;
    if ('group' in node) yield* stepsOf(node, at);
    else if (typeof type === 'string')
      yield { keys: at, type, params: isObject(params) ? params : {} };
  }
}

/** All references of a document that was checked. */
export function documentReferences(document: unknown): DocumentReference[] {
  return [...bootImageOf(document), ...stepReferences(document)];
}

function bootImageOf(document: unknown): DocumentReference[] {
  const bootImage = ContentReference.safeParse(Reflect.get(Object(document), 'bootImage'));
  if (!bootImage.success) return [];
  const { id, name } = bootImage.data;
  return [{ keys: ['bootImage'], path: 'bootImage', kind: 'boot-image', id, name }];
}

function stepReferences(document: unknown): DocumentReference[] {
  return [...stepsOf(document)].flatMap(({ keys: at, type, params }) => {
    const found = (keys: Keys, kind: DocumentReference['kind'], reference: Named) => {
      const all = [...at, 'params', ...keys];
      const { id, name } = reference;
      return { keys: all, path: documentPath('', all), kind, id, name };
    };
    const content = [...referencesOf({ type, params }, steps)].map(({ keys, kind, reference }) =>
      found(keys, kind, reference),
    );
    if (type !== RUN_SEQUENCE) return content;
    const child = SequenceReference.safeParse(params['sequence']);
    return child.success ? [...content, found(['sequence'], 'sequence', child.data)] : content;
  });
}

interface Named {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
