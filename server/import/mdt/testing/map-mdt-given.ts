import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import type { SourceStep } from '../../source-sequence.ts';
import { StepReader } from '../../step-reader.ts';
import { mapMdtStep } from '../index.ts';
import type { ShareContext } from '../share-context.ts';

/** A step of MDT, as far as a test says it. */
export interface GivenMdtStep {
  readonly type?: string;
  readonly name?: string;
  readonly action?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, string>>;
  readonly names?: Readonly<Record<string, string>>;
  readonly globals?: Readonly<Record<string, string>>;
  readonly share?: ShareContext;
}

const variablesOf = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).map(([name, value]) => ({ name, property: name, value }));

/** Maps a step, and reads what it became as a document. Undefined where it is not MDT's own. */
export function mapMdtGiven(given: GivenMdtStep) {
  const source: SourceStep = {
    kind: 'step',
    name: given.name ?? 'A step',
    description: '',
    disabled: false,
    continueOnError: false,
    condition: [],
    attributes: given.attributes ?? {},
    comments: [],
    unknown: [],
    type: given.type,
    action: given.action ?? '',
    variables: variablesOf(given.properties ?? {}),
  };
  let secrets = 0;
  const reader = new StepReader(
    source,
    {
      sequence: { format: 'mdt', globals: variablesOf(given.globals ?? {}), name: 'A sequence' },
      names: new Map(
        Object.entries(given.names ?? {}).map(([id, name]) => [id.toLowerCase(), name]),
      ),
      share: given.share,
    },
    () => ++secrets,
  );
  const mapped = mapMdtStep(reader);
  if (mapped === undefined) return undefined;
  const nodes = mapped.actions.map(({ name = 'Step', ...rest }) => ({ step: name, ...rest }));
  parseTaskSequence({ name: 'A sequence', steps: nodes }, steps);
  return {
    ...mapped,
    types: mapped.actions.map(({ type }) => type),
    params: mapped.actions[0].params,
    needs: reader.needs.map(({ kind, message }) => `${kind}: ${message}`),
    references: reader.references,
    unread: [...reader.unread.map(({ name }) => name), ...Object.keys(reader.unreadAttributes)],
  };
}

/** `cscript.exe "%SCRIPTROOT%\ZTIGather.wsf"`. */
export const runs = (script: string): string => `cscript.exe "%SCRIPTROOT%\\${script}`;
