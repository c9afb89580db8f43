import type { ErrorProblem } from '#agent/protocol/error.ts';
import { type NamedPackage, resolveBy } from './pin.ts';
import type { SequenceOutline } from './sequence-outline.ts';

/**
 * Finds what of the software that a sequence names cannot be installed by it (reference: deploy, 12): retired or
 * otherwise refused applications, programs that a package does not have or that a task sequence cannot run. What is not
 * there at all is told by others.
 */
export function softwareProblems(
  packages: readonly NamedPackage[],
): (outline: Pick<SequenceOutline, 'references' | 'programs'>, base: string) => ErrorProblem[] {
  const byId = new Map(packages.map((each) => [each.id, each]));
  const resolve = resolveBy(packages);
  return ({ references, programs }, base) => [
    ...references.flatMap(({ path, step, field, kind, reference }) => {
      const id = kind === 'application' ? resolve(reference, kind) : undefined;
      const found = id === undefined ? undefined : byId.get(id);
      const refusal = found?.software?.refusal;
      if (found?.kind !== 'application' || refusal === undefined) return [];
      return [
        {
          code: 'application.not-allowed',
          message: `Step "${step}" (${base}${path}) installs the application "${found.name}", which no task sequence can install: ${refusal}`,
          hint: 'Name another application, change it (metalwright application add <file>), or disable the step.',
          path: base + path,
          step,
          field,
        },
      ];
    }),
    ...programs.flatMap(({ path, step, reference, program }) => {
      const id = resolve(reference, 'package');
      const found = id === undefined ? undefined : byId.get(id);
      if (found?.kind !== 'package') return [];
      const known = found.software?.programs ?? [];
      const key = program.trim().toLowerCase();
      const one = known.find(({ name }) => name.toLowerCase() === key);
      const at = { path: base + path, step, field: 'program' };
      if (one === undefined)
        return [
          {
            code: 'program.unknown',
            message: `Step "${step}" (${base}${path}): package "${found.name}" has no program ${JSON.stringify(program)}; it has ${known.map(({ name }) => JSON.stringify(name)).join(', ') || 'none'}`,
            hint: 'Correct the name, or add it: metalwright package program add <package> <file>.',
            candidates: known.map(({ name }) => name),
            ...at,
          },
        ];
      if (one.refusal === undefined) return [];
      return [
        {
          code: 'program.not-allowed',
          message: `Step "${step}" (${base}${path}): the program "${one.name}" of package "${found.name}" cannot be run by a task sequence: ${one.refusal}`,
          hint: 'Change the program, or name another one.',
          ...at,
        },
      ];
    }),
  ];
}
