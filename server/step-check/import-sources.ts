import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { configMgrSteps } from '../import/configmgr/index.ts';
import { mapSourceStep } from '../import/map-source-step.ts';
import { mapStepSafely } from '../import/map-step-safely.ts';
import type { SourceStep } from '../import/source-sequence.ts';
import { StepReader } from '../import/step-reader.ts';

/** What becomes a step of each type when it is imported, found by importing one of each class and script. */
export function importSources(registry: StepRegistry): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const { name, step, format } of samples()) {
    const context = { sequence: { format, globals: [], name: 'Sample' }, names: new Map() };
    const { how, actions } = mapStepSafely(new StepReader(step, context), mapSourceStep);
    if (how === 'unsupported' || how === 'command-line') continue;
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
