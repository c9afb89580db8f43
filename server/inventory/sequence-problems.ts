import type { RunError } from '#agent/protocol/run-event.ts';
import { closest } from '#agent/sequence/closest.ts';
import { listReferences } from '#agent/sequence/references.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { steps } from '#agent/steps/index.ts';
import type { FindChild, StoredDocument } from './child-cycle.ts';
import { childReferences } from './child-references.ts';
import { type NamedPackage, readExpanded, resolveBy } from './pin.ts';

/** What a sequence is held against. */
export interface SequenceSurroundings {
  readonly packages: readonly NamedPackage[];
  readonly find: FindChild;
  readonly features: { readonly childSequences: boolean };
}

/**
 * What keeps a stored sequence from being deployed: it is disabled, it runs others while that is switched
 * off, a child is missing or disabled (M10), a reference of it or of a child resolves to nothing (M15), or
 * this server does not know its steps. Disabled steps are not looked at.
 */
export function sequenceProblems(
  sequence: StoredDocument & { readonly disabled: boolean },
  around: SequenceSurroundings,
): readonly RunError[] {
  return [
    ...(sequence.disabled ? [disabledProblem(sequence.name)] : []),
    ...featureProblems(sequence, around.features),
    ...documentProblems(sequence, around),
  ];
}

/** Why a disabled sequence starts nowhere. */
export function disabledProblem(name: string): RunError {
  return {
    code: 'sequence.disabled',
    message: `The task sequence "${name}" is disabled`,
    hint: 'Take "disabled: true" out of it and store it again.',
  };
}

/** That it runs other sequences while the site has that switched off; none when it runs none. */
export function featureProblems(
  { name, documentJson }: Pick<StoredDocument, 'name' | 'documentJson'>,
  features: SequenceSurroundings['features'],
): RunError[] {
  if (features.childSequences || childReferences(JSON.parse(documentJson)).length === 0) return [];
  return [
    {
      code: 'feature.child-sequences',
      message: `"${name}" has a Run Task Sequence step, and child task sequences are switched off`,
      hint: 'Switch them on: metalwright feature enable child-sequences',
    },
  ];
}

function documentProblems(sequence: StoredDocument, around: SequenceSurroundings): RunError[] {
  try {
    const { packages } = around;
    const known = new Set(packages.map(({ id }) => id));
    const resolve = resolveBy(packages);
    const expanded = readExpanded(sequence, around.find);
    return listReferences(expanded, steps).flatMap(({ step, path, reference }) => {
      const id = resolve(reference);
      if (id !== undefined && known.has(id)) return [];
      const wanted = reference.name ?? reference.id ?? '';
      const near = closest(
        wanted,
        packages.flatMap((each) => [each.name, each.id]),
      ).map((name) => JSON.stringify(name));
      const guess = near.length === 0 ? '' : `did you mean ${near.join(' or ')}? Otherwise `;
      return [
        {
          code: 'sequence.reference',
          message: `Step "${step.name}" (${path}) references ${JSON.stringify(wanted)}, which is not stored`,
          hint: `${guess}add it (metalwright image add <file>, or package add <folder>, with --name ${JSON.stringify(wanted)}), correct the reference, or disable the step`,
        },
      ];
    });
  } catch (error) {
    return [problemOf(error)];
  }
}

/** What is wrong with a sequence, from the error that said so. Throws any other error again. */
export function problemOf(error: unknown): RunError {
  if (!(error instanceof SequenceError)) throw error;
  const { code, message, hint } = error;
  return { code, message: message.slice(0, 4000), ...(hint === undefined ? {} : { hint }) };
}
