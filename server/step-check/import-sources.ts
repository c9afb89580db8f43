import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { configMgrSteps } from '../import/configmgr/index.ts';
import { mapSourceStep } from '../import/map-source-step.ts';
import { mapStepSafely } from '../import/map-step-safely.ts';
import { mdtClasses, mdtScripts } from '../import/mdt/index.ts';
import type { SourceStep } from '../import/source-sequence.ts';
import { StepReader } from '../import/step-reader.ts';

/** What becomes a step of each type when it is imported, found by importing one of each class and script. */
export function importSources(registry: StepRegistry): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { name, step, format } of samples()) {
    const context = { sequence: { format, globals: [], name: 'Sample' }, names: new Map() };
    const { how, actions } = mapStepSafely(new StepReader(step, context), mapSourceStep);
    if (how !== 'typed' && how !== 'equivalent') continue;
    for (const { type } of actions)
      if (Object.hasOwn(registry, type)) found.set(type, (found.get(type) ?? new Set()).add(name));
  }
  return new Map([...found].map(([type, names]) => [type, [...names]]));
}

function* samples(): Generator<{
  readonly name: string;
  readonly step: SourceStep;
  readonly format: 'configmgr' | 'mdt';
}> {
  for (const name of Object.keys(configMgrSteps))
    yield {
      name: `SMS_TaskSequence_${name}Action`,
      step: sampleStep(`SMS_TaskSequence_${name}Action`, ''),
      format: 'configmgr',
    };
  for (const name of mdtClasses)
    yield { name: `BDD_${name}`, step: sampleStep(`BDD_${name}`, ''), format: 'mdt' };
  for (const name of mdtScripts) {
    const own = name.replace(/^(?:zti|lti|psd)/, (prefix) => prefix.toUpperCase());
    const file = name.startsWith('psd') ? `${own}.ps1` : `${own}.wsf`;
    yield { name: file, step: sampleStep(undefined, `"%SCRIPTROOT%\\${file}"`), format: 'mdt' };
  }
}

/** A step as an editor makes it, with nothing filled in. */
function sampleStep(type: string | undefined, action: string): SourceStep {
  return {
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
}
