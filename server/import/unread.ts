import type { ImportNeed } from './map-step.ts';
import { hidePlainSecrets, isSecretProperty } from './plain-secrets.ts';
import type { SourceNode } from './source-sequence.ts';
import { MAX_DESCRIPTION } from './step-node.ts';
import type { StepReader } from './step-reader.ts';
import { MAX_NAME } from './unique-names.ts';

/** Of a value, this much is told; all of it is in the origin. */
const MAX_TOLD = 60;
/** Of one step, so many settings. */
const MAX_SETTINGS = 8;

/** What no one has read of a step, for its origin and for the report. */
export function unreadNeeds({ unread, unreadAttributes, step }: StepReader): ImportNeed[] {
  const settings = [
    ...unread.map(({ name, property, value }) => told(property ?? name, value)),
    ...Object.entries(unreadAttributes).map(([name, value]) => told(name, value)),
  ];
  return [...settingNeed(settings), ...unknownNeeds(step)];
}

/** Elements and text in a node that nobody here knows. */
export function unknownNeeds({ unknown }: Pick<SourceNode, 'unknown'>): ImportNeed[] {
  if (unknown.length === 0) return [];
  const list = unknown.map((xml) => shortened(hidePlainSecrets(xml))).join(', ');
  return [
    {
      kind: 'setting',
      message: `Parts of it have no meaning that is known: ${list}`,
      hint: 'They are kept as its origin.',
    },
  ];
}

/** Names and descriptions that are longer than a document takes. */
export function cutNeeds({ name, description }: SourceNode): ImportNeed[] {
  return [
    ...(name.trim().length > MAX_NAME
      ? [`Its name is cut to ${MAX_NAME} characters: ${name}`]
      : []),
    ...(description.length > MAX_DESCRIPTION
      ? [`Its description is cut to ${MAX_DESCRIPTION} characters`]
      : []),
  ].map((message) => ({ kind: 'setting', message }));
}

/** Settings that were not taken over, as one need; none where there are none. */
export function settingNeed(settings: readonly string[]): ImportNeed[] {
  if (settings.length === 0) return [];
  const left = settings.length - MAX_SETTINGS;
  const more = left > 0 ? ` and ${left} more` : '';
  return [
    {
      kind: 'setting',
      message: `Not taken over: ${settings.slice(0, MAX_SETTINGS).join(', ')}${more}`,
      hint: 'It is kept as the origin of the step.',
    },
  ];
}

function told(name: string, value: string): string {
  return isSecretProperty(name) ? name : `${name}=${shortened(hidePlainSecrets(value))}`;
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > MAX_TOLD ? `${line.slice(0, MAX_TOLD - 1)}…` : line;
}
