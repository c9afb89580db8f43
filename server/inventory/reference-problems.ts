import type { ErrorProblem } from '#agent/protocol/error.ts';
import type { ReferenceKind } from '#agent/sequence/step.ts';

/** The setting of a step that references something. */
interface At {
  readonly path: string;
  readonly step: string;
  readonly field: string;
}

/** An image or package that a step references and nothing is. */
export function missingContent(
  { kind, wanted, ...at }: At & { readonly kind: ReferenceKind; readonly wanted: string },
  candidates: readonly string[],
): ErrorProblem {
  const called = JSON.stringify(wanted);
  const add =
    kind === 'application'
      ? 'add it (metalwright application add <file>), correct the reference, take it out, or disable the step'
      : `add it (metalwright image add <file>, or package add <folder>, with --name ${called}), correct the reference, take it out, or disable the step`;
  return {
    code: 'sequence.reference',
    message: `Step "${at.step}" (${at.path}) references ${called}, which is not stored`,
    hint: `${guess(candidates)}${add}`,
    ...at,
    candidates,
  };
}

/** The boot image that a document names and nothing is. */
export function missingBootImage(wanted: string, candidates: readonly string[]): ErrorProblem {
  const called = JSON.stringify(wanted);
  return {
    code: 'sequence.reference',
    message: `The boot image (bootImage) is ${called}, and no boot image of that name or id is stored`,
    hint: `${guess(candidates)}add it (metalwright boot-image add <boot.wim> --name ${called}), correct it, or take it out`,
    path: 'bootImage',
    candidates,
  };
}

/** A task sequence that a step runs and that is not there. */
export function missingChild(at: At, wanted: string, candidates: readonly string[]): ErrorProblem {
  return {
    code: 'sequence.child-missing',
    message: `Step "${at.step}" (${at.path}): there is no task sequence ${JSON.stringify(wanted)}`,
    hint: `${guess(candidates)}add it, correct the name, or disable the step`,
    ...at,
    candidates,
  };
}

/** A task sequence that a step runs and that has no version that is ready. */
export function draftChild(at: At, name: string): ErrorProblem {
  return {
    code: 'sequence.child-draft',
    message: `Step "${at.step}" (${at.path}): the child task sequence "${name}" is a draft`,
    hint: `make it ready first (metalwright sequence ready ${JSON.stringify(name)}), or disable the step`,
    ...at,
    candidates: [],
  };
}

/** A task sequence that a step runs and that is disabled. */
export function disabledChild(at: At, name: string): ErrorProblem {
  return {
    code: 'sequence.child-disabled',
    message: `Step "${at.step}" (${at.path}): the child task sequence "${name}" is disabled`,
    hint: 'enable it, or disable the step that runs it: Continue on error does not help here',
    ...at,
  };
}

/** Sequences that run each other: their names in order. */
export function circle(at: At, names: readonly string[]): ErrorProblem {
  return {
    code: 'sequence.child-cycle',
    message: `Task sequences would run each other in a circle: ${names.map((name) => `"${name}"`).join(' -> ')}`,
    hint: 'Take the step out of one of them.',
    ...at,
  };
}

function guess(candidates: readonly string[]): string {
  if (candidates.length === 0) return '';
  return `did you mean ${candidates.map((name) => JSON.stringify(name)).join(' or ')}? Otherwise `;
}
