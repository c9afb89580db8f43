import type { Origin } from '#agent/sequence/document-heads.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';
import { hidePlainSecrets, isSecretProperty } from './plain-secrets.ts';
import type { SourceFormat, SourceVariable } from './source-sequence.ts';

/** What the schema of an origin takes (agent/sequence/document-heads.ts). */
const MAX_KEY = 300;
const MAX_TEXT = 40_000;
const MAX_VALUE = 300_000;
const MAX_XML = 300_000;
const MAX_UNKNOWN = 100;

/** What a node was, as it stood in its file. */
export interface OriginParts {
  readonly format: SourceFormat;
  readonly type?: string | undefined;
  readonly action?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly variables?: readonly SourceVariable[];
  readonly condition?: string | undefined;
  readonly unknown?: readonly string[];
}

/**
 * The origin of a node, without anything that is secret and within the limits of a document; undefined
 * where there is nothing to keep.
 */
export function originOf(parts: OriginParts): Origin | undefined {
  const { format, type, action = '', attributes = {}, variables = [], condition } = parts;
  const { unknown = [] } = parts;
  const kept: Origin = {
    format,
    ...(type === undefined || type === '' ? {} : { type: type.slice(0, MAX_KEY) }),
    ...(action.trim() === '' ? {} : { action: safe(action, MAX_TEXT) }),
    ...recordOf('attributes', Object.entries(attributes), MAX_TEXT),
    ...recordOf(
      'variables',
      variables.map(({ name, property, value }) => [property ?? name, value]),
      MAX_VALUE,
    ),
    ...(condition === undefined ? {} : { condition: safe(condition, MAX_XML) }),
    ...(unknown.length === 0
      ? {}
      : { unknown: unknown.slice(0, MAX_UNKNOWN).map((xml) => safe(xml, MAX_XML)) }),
  };
  return Object.keys(kept).length > 1 ? kept : undefined;
}

function recordOf<Key extends 'attributes' | 'variables'>(
  key: Key,
  entries: readonly (readonly [string, string])[],
  longest: number,
): Partial<Record<Key, Record<string, string>>> {
  const record = new Map<string, string>();
  for (const [name, value] of entries) {
    if (value === '') continue;
    const unique = record.has(name) ? `${name} (${record.size + 1})` : name;
    const isSecret = isSecretProperty(name);
    record.set(unique.slice(0, MAX_KEY), isSecret ? HIDDEN : safe(value, longest));
  }
  const made: Partial<Record<Key, Record<string, string>>> = {};
  if (record.size > 0) made[key] = Object.fromEntries(record);
  return made;
}

function safe(text: string, longest: number): string {
  return hidePlainSecrets(text).slice(0, longest);
}
