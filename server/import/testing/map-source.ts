import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { configMgrStep } from '../configmgr/index.ts';
import type { SourceFormat, SourceStep } from '../source-sequence.ts';
import { StepReader } from '../step-reader.ts';

/** A step of another system, as far as a test says it. */
export interface GivenStep {
  /** Class without prefix and suffix. */
  readonly type: string;
  readonly action?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Values by the editor's property; `name <- property` where the variable has another name. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly names?: Readonly<Record<string, string>>;
  readonly format?: SourceFormat;
}

/** Maps a step, and reads what it became as a document. */
export function mapGiven({
  type,
  action = '',
  attributes = {},
  properties = {},
  names = {},
  format = 'configmgr',
}: GivenStep) {
  const source: SourceStep = {
    kind: 'step',
    name: 'A step',
    description: '',
    disabled: false,
    continueOnError: false,
    condition: [],
    attributes,
    comments: [],
    unknown: [],
    type: `SMS_TaskSequence_${type}Action`,
    action,
    variables: Object.entries(properties).map(([key, value]) => {
      const [name = key, property = name] = key.split(' <- ');
      return { name, property, value };
    }),
  };
  const context = {
    sequence: { format, globals: [], name: 'A sequence' },
    names: new Map(Object.entries(names).map(([id, name]) => [id.toLowerCase(), name])),
  };
  let secrets = 0;
  const reader = new StepReader(source, context, () => ++secrets);
  const map = configMgrStep(source.type ?? '');
  if (map === undefined) throw new Error(`no class ${type}`);
  const mapped = map(reader);
  const nodes = mapped.actions.map(({ name = 'Step', ...rest }) => ({ step: name, ...rest }));
  parseTaskSequence({ name: 'A sequence', steps: nodes }, steps);
  return {
    ...mapped,
    /** Params of the first action. */
    params: mapped.actions[0].params,
    needs: reader.needs.map(({ kind, message }) => `${kind}: ${message}`),
    references: reader.references,
    unread: [...reader.unread.map(({ name }) => name), ...Object.keys(reader.unreadAttributes)],
  };
}
