import { mapSourceStep } from '../map-source-step.ts';
import type { MappedStep } from '../map-step.ts';
import { mapStepSafely } from '../map-step-safely.ts';
import { mdtSampleSteps } from '../mdt/sample-steps.ts';
import { StepReader } from '../step-reader.ts';

/** The rows of the table of MDT's classes and scripts in docs/import.md, found by importing one of each. */
export function mdtTable(): readonly string[] {
  const context = {
    sequence: { format: 'mdt' as const, globals: [], name: 'Sample' },
    names: new Map<string, string>(),
  };
  return mdtSampleSteps()
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(({ name, step }) => {
      const mapped = mapStepSafely(new StepReader(step, context), mapSourceStep);
      return `| \`${name}\` | ${becomes(mapped)} |`;
    });
}

function becomes({ how, reason = '', actions }: MappedStep): string {
  const types = [...new Set(actions.map(({ type }) => `\`${type}\``))].join(', ');
  const why = reason.replaceAll('|', '\\|');
  switch (how) {
    case 'typed':
      return types;
    case 'equivalent':
      return `${types}: ${why}`;
    case 'built-in':
      return `kept disabled: ${why}`;
    case 'command-line':
      return `its command line: ${why}`;
    case 'unsupported':
      return `kept disabled, for a person: ${why}`;
  }
}
