import { paramsProblems } from '#agent/sequence/step-params.ts';
import { steps } from '#agent/steps/index.ts';
import type { MappedAction, MappedStep } from '../map-step.ts';
import type { StepReader } from '../step-reader.ts';

/** Of a value that cannot be taken over, this much is told. */
const MAX_TOLD = 300;
const SECRET = /password|key$|account$|runAs$/i;
/** What is taken out one by one before the step is given up. */
const MAX_FAULTS = 50;

type Params = Readonly<Record<string, unknown>>;

/** The step of that type, alone. @param keep params without which it would be another step */
export function typed(
  reader: StepReader,
  type: string,
  params: Params,
  keep: readonly string[] = [],
): MappedStep {
  return { how: 'typed', actions: [fitted(reader, { type, params }, keep)] };
}

/**
 * The action with its params as the schema of its step takes them: what is not set is left out, and what
 * is refused is taken out and told. What a step cannot be without stays: the whole is refused then.
 */
export function fitted(
  reader: StepReader,
  { params, ...action }: MappedAction,
  keep: readonly string[] = [],
): MappedAction {
  let kept: Params = withoutUnset(params);
  for (let faults = 0; faults < MAX_FAULTS; faults++) {
    const definition = steps[action.type];
    const [problem] = definition === undefined ? [] : paramsProblems(definition, kept, '');
    if (problem === undefined) break;
    const [key = ''] = problem.path.split(/[.[]/);
    if (!Object.hasOwn(kept, key) || keep.includes(key)) break;
    const { [key]: refused, ...others } = kept;
    reader.need({
      kind: 'setting',
      message: `Not taken over: ${key}${SECRET.test(key) ? '' : ` ${told(refused)}`}: ${problem.message}`,
    });
    kept = others;
  }
  return { ...action, params: kept };
}

function withoutUnset(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

function told(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_TOLD ? `${text.slice(0, MAX_TOLD)}…` : text;
}
