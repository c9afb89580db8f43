import type { RunError } from '#agent/protocol/run-event.ts';
import { closest } from '#agent/sequence/closest.ts';
import { listReferences } from '#agent/sequence/references.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { SequenceError } from '#agent/sequence/sequence-error.ts';
import { steps } from '#agent/steps/index.ts';
import { type NamedPackage, resolveReference } from '../../../inventory/pin.ts';

/**
 * What keeps a stored sequence from being deployed: references that resolve to nothing (M15), and
 * steps that this server does not know. References of disabled steps are not looked at.
 */
export function sequenceProblems(
  documentJson: string,
  packages: readonly NamedPackage[],
): readonly RunError[] {
  try {
    const sequence = parseTaskSequence(JSON.parse(documentJson), steps);
    const known = new Set(packages.map(({ id }) => id));
    return listReferences(sequence, steps).flatMap(({ step, path, reference }) => {
      const id = resolveReference(reference, packages);
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
          hint: `${guess}add it (metalwright image add <file> --name ${JSON.stringify(wanted)}), correct the reference, or disable the step`,
        },
      ];
    });
  } catch (error) {
    if (!(error instanceof SequenceError)) throw error;
    const { code, message, hint } = error;
    return [{ code, message: message.slice(0, 4000), ...(hint === undefined ? {} : { hint }) }];
  }
}
