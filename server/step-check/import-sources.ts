import type { StepRegistry } from '#agent/sequence/task-sequence.ts';
import { configMgrSteps } from '../import/configmgr/index.ts';
import { mapSourceStep } from '../import/map-source-step.ts';
import { mapStepSafely } from '../import/map-step-safely.ts';
import { mdtSampleSteps, sampleStep } from '../import/mdt/sample-steps.ts';
import type { SourceFormat, SourceStep } from '../import/source-sequence.ts';
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
  readonly format: SourceFormat;
}> {
  for (const each of Object.keys(configMgrSteps)) {
    const name = `SMS_TaskSequence_${each}Action`;
    yield { name, step: sampleStep(name, ''), format: 'configmgr' };
  }
  for (const each of mdtSampleSteps()) yield { ...each, format: 'mdt' };
}
