import { mapSourceStep } from '../map-source-step.ts';
import type { MappedStep } from '../map-step.ts';
import { mapStepSafely } from '../map-step-safely.ts';
import { mdtClasses, mdtScripts } from '../mdt/index.ts';
import type { SourceStep } from '../source-sequence.ts';
import { StepReader } from '../step-reader.ts';

/** The rows of the table of MDT's scripts and classes in docs/import.md, found by importing one of each. */
export function mdtTable(): readonly string[] {
  const classes = mdtClasses.map((name) => ({
    name: `BDD_${name}`,
    action: '',
    type: `BDD_${name}`,
  }));
  const scripts = mdtScripts.map((name) => {
    const own = name.replace(/^(?:zti|lti|psd)/, (prefix) => prefix.toUpperCase());
    const file = name.startsWith('psd') ? `${own}.ps1` : `${own}.wsf`;
    return { name: own, action: `cscript.exe "%SCRIPTROOT%\\${file}"`, type: undefined };
  });
  return [...classes, ...scripts]
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))
    .map(({ name, action, type }) => `| ${name} | ${becomes(mapped(type, action))} |`);
}

function mapped(type: string | undefined, action: string): MappedStep {
  const step: SourceStep = {
    kind: 'step',
    type,
    action,
    name: 'Sample',
    description: '',
    disabled: false,
    continueOnError: false,
    condition: [],
    attributes: {},
    comments: [],
    unknown: [],
    variables: [],
  };
  const context = {
    sequence: { format: 'mdt' as const, globals: [], name: 'Sample' },
    names: new Map<string, string>(),
  };
  return mapStepSafely(new StepReader(step, context), mapSourceStep);
}

function becomes({ how, reason = '', actions }: MappedStep): string {
  const types = [...new Set(actions.map(({ type }) => `\`${type}\``))].join(', ');
  switch (how) {
    case 'typed':
      return types;
    case 'equivalent':
      return `${types}: ${reason}`;
    case 'built-in':
      return `kept disabled: ${reason}`;
    case 'command-line':
      return `its command line: ${reason}`;
    case 'unsupported':
      return `kept disabled, a person must look: ${reason}`;
  }
}
