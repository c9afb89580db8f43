import { z } from 'zod';
import { documentPath } from '#agent/sequence/document-path.ts';
import { paramsProblems } from '#agent/sequence/step-params.ts';
import { HIDDEN } from '#agent/sequence/variables.ts';
import { steps } from '#agent/steps/index.ts';
import { formatDocumentText } from '../documents/format-text.ts';
import { secretsIn } from '../inventory/document-secrets.ts';
import { type DocumentStep, type Keys, stepsOf } from './document-references.ts';
import { type Edit, editDocument, editText, readsAs, type WrittenDocument } from './edit-text.ts';

/** What stands for a secret where a setting cannot be empty: a variable that nothing sets. */
const NOT_EXPORTED = '%SecretNotExported%';
/** Shorter texts are found anywhere, and hide nothing. */
const MIN_SECRET = 5;

/** A document without its secrets. */
export interface WithoutSecrets {
  readonly text: string;
  /** Where the secrets stood. */
  readonly paths: readonly string[];
}

/**
 * Empties all secrets of a document, as Configuration Manager does in an export: passwords and product keys
 * of steps, disabled ones too, and values of hidden variables. The same text in a comment, a name or a
 * command line is hidden as well.
 */
export function takeOutSecrets(written: WrittenDocument, document: unknown): WithoutSecrets {
  const found = [...stepsOf(document)].flatMap((step) =>
    secretsOf(step).map(({ keys, value }) => ({ step, keys, value })),
  );
  if (found.length === 0) return { text: written.text, paths: [] };
  const edits = found.map(
    ({ step, keys }): Edit => ({
      keys: [...step.keys, 'params', ...keys],
      value: emptyFor(step, keys),
    }),
  );
  const paths = edits.map(({ keys }) => documentPath('', keys));
  const text = editText(written, document, edits);
  const values = found.map(({ value }) => value).filter((value) => value.length >= MIN_SECRET);
  if (values.length === 0) return { text, paths };
  // A comment, or another setting, may have the same text, however it is written.
  const hidden = hideIn(editDocument(document, edits), values);
  const masked = hide(text, values);
  const kept = readsAs(masked, hidden) ? masked : formatDocumentText(hidden, written);
  return { text: kept, paths };
}

function secretsOf({ type, params }: DocumentStep) {
  const keys = writeOnlyKeys(type);
  return secretsIn(params, (key) => keys.has(key));
}

/** An empty text, unless the setting cannot be empty. */
function emptyFor({ type, params }: DocumentStep, keys: Keys): string {
  const definition = Object.hasOwn(steps, type) ? steps[type] : undefined;
  if (definition === undefined) return '';
  const emptied = editDocument(params, [{ keys, value: '' }]);
  return paramsProblems(definition, emptied, '').length === 0 ? '' : NOT_EXPORTED;
}

const Schema = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() });
const known = new Map<string, ReadonlySet<string>>();

/** Settings of a step that are written and never shown. */
function writeOnlyKeys(type: string): ReadonlySet<string> {
  const before = known.get(type);
  if (before !== undefined) return before;
  const keys = new Set<string>();
  const look = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(look);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, inner] of Object.entries(Schema.safeParse(value).data?.properties ?? {}))
      if (z.looseObject({ writeOnly: z.literal(true) }).safeParse(inner).success) keys.add(key);
    Object.values(value).forEach(look);
  };
  const definition = Object.hasOwn(steps, type) ? steps[type] : undefined;
  if (definition !== undefined)
    look(z.toJSONSchema(definition.params, { io: 'input', unrepresentable: 'any' }));
  known.set(type, keys);
  return keys;
}

function hide(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another.
  const ordered = secrets.toSorted((one, other) => other.length - one.length);
  return ordered.reduce((done, secret) => done.replaceAll(secret, HIDDEN), text);
}

function hideIn(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return hide(value, secrets);
  if (Array.isArray(value)) return value.map((each) => hideIn(each, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, hideIn(inner, secrets)]),
  );
}
