import type { PackageId } from '#agent/protocol/identity.ts';
import type { RunError } from '#agent/protocol/run-event.ts';
import { type FoundReference, listReferences } from './references.ts';
import type { StepRegistry, TaskSequence } from './task-sequence.ts';

/** What follows from content that cannot be found before the first step. */
export type MissingContentRule =
  /** The run starts; the step fails with `content.missing` when it is reached, and that is tolerated. */
  | 'fails-at-step'
  /** The run fails before its first step; nothing was written. */
  | 'run-fails'
  /** It is looked for again until the deadline, in PE until the wait limit; then the run fails. */
  | 'wait'
  /** Stand-alone media: made, with a warning; the step fails at the machine. */
  | 'media-warns'
  /** Stand-alone media: not made. */
  | 'media-refused';

/**
 * What follows where an enabled step needs content that is on no distribution point (reference:
 * conditions, 3a). Conditions are not asked: they cannot be known yet. Disabled steps need nothing.
 */
export function missingContentRule(
  tolerated: boolean,
  use: { readonly purpose: 'available' | 'required' } | { readonly purpose: 'stand-alone-media' },
): MissingContentRule {
  switch (use.purpose) {
    case 'stand-alone-media':
      return tolerated ? 'media-warns' : 'media-refused';
    case 'available':
      return tolerated ? 'fails-at-step' : 'run-fails';
    case 'required':
      return tolerated ? 'fails-at-step' : 'wait';
  }
}

/** A reference of an enabled step, or the boot image, that leads to nothing. */
export interface MissingContent {
  readonly found: FoundReference;
  readonly error: RunError;
}

/**
 * The boot image and the references of enabled steps, children's too, whose content is not there (M06).
 *
 * @param whyMissing undefined for what is there, an empty text where nothing more is known
 */
export function listMissingContent(
  sequence: TaskSequence,
  registry: StepRegistry,
  whyMissing: (packageId: PackageId) => string | undefined,
): readonly MissingContent[] {
  return listReferences(sequence, registry).flatMap((found) => {
    const { id, name } = found.reference;
    const reason = id === undefined ? '' : whyMissing(id);
    if (reason === undefined) return [];
    const called = [name === undefined ? '' : `"${name}"`, id ?? ''].filter(Boolean).join(', ');
    const needs =
      found.step === undefined ? 'The task sequence starts from' : `"${found.step.name}" needs`;
    const error = {
      code: 'content.missing',
      message: `${needs} ${called}, which is on no distribution point${reason === '' ? '' : `: ${reason}`}`,
      hint: 'Add or distribute it, correct the reference, or disable the step.',
    };
    return [{ found, error }];
  });
}
