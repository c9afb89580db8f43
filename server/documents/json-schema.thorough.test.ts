import { globSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Expression } from '#agent/sequence/condition.ts';
import type { JsonSchema } from '#agent/sequence/json-schema/map-inner.ts';
import { taskSequenceJsonSchema } from '#agent/sequence/json-schema.ts';
import { parseTaskSequence } from '#agent/sequence/schema.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { sampleOf } from './testing/sample.ts';

const schema = taskSequenceJsonSchema(steps);
const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
const validate = ajv.compile(schema);
const guid = '00000000-0000-0000-0000-00000000000A';
const docs = `${import.meta.dirname}/../../docs`;

/** What is wrong by the schema, or nothing. */
function faults(document: unknown): string {
  return validate(document) ? '' : ajv.errorsText(validate.errors);
}
function isRead(document: unknown): boolean {
  try {
    parseTaskSequence(document, steps);
    return true;
  } catch {
    return false;
  }
}
const withStep = (step: object, more: object = {}) => ({ name: 'x', ...more, steps: [step] });
const withCondition = (condition: unknown) =>
  withStep({ step: 'a', type: 'set-variable', params: { name: 'A' }, condition });

describe('M15 the JSON Schema of documents', () => {
  it('takes the examples of the documentation, and what templates make', () => {
    const page = readFileSync(`${docs}/task-sequences.md`, 'utf8');
    const examples = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);
    const files = globSync('**/*.yaml', { cwd: docs }).map((file) =>
      readFileSync(`${docs}/${file}`, 'utf8'),
    );
    const documents = [...examples, ...files].map((text) => readDocumentText(text).value);
    const sequences = documents.filter((document) => 'steps' in Object(document));
    expect(sequences.length).toBeGreaterThan(10);
    for (const document of sequences) expect(faults(document), JSON.stringify(document)).toBe('');
  });

  it('has a title for every field that a person can write', () => {
    const bare: string[] = [];
    const walk = (at: string, { properties, anyOf, items }: JsonSchema): void => {
      for (const [key, field] of Object.entries(properties ?? {})) {
        const inner: JsonSchema = Object(field);
        if (inner.title === undefined) bare.push(`${at}.${key}`);
        walk(`${at}.${key}`, inner);
      }
      for (const each of anyOf ?? []) walk(at, each);
      if (typeof items === 'object' && !Array.isArray(items)) walk(`${at}[]`, items);
    };
    const { $defs = {}, ...head } = schema;
    for (const [name, definition] of Object.entries({ document: head, ...$defs }))
      if (!name.startsWith('params-')) walk(name, definition);
    expect(bare.filter((place) => !/^condition-[a-z-]+\.kind$/.test(place))).toEqual([]);
  });

  const good = { step: 'a', type: 'set-variable', params: { name: 'A' } };
  it.each<[string, unknown]>([
    ['no name', { steps: [good] }],
    ['no steps', { name: 'x', steps: [] }],
    ['an unknown field', withStep(good, { disable: true })],
    ['neither step nor group', withStep({ type: 'set-variable' })],
    ['both step and group', withStep({ ...good, group: 'b', steps: [] })],
    ['a group without steps', withStep({ group: 'b' })],
    ['an unknown type', withStep({ ...good, type: 'set-varible' })],
    ['no type', withStep({ step: 'a' })],
    ['no params where some are needed', withStep({ step: 'a', type: 'set-variable' })],
    ['an unknown param', withStep({ ...good, params: { name: 'A', vlaue: 'b' } })],
    ['a param of another step', withStep({ ...good, params: { name: 'A', commandLine: 'b' } })],
    ['a value of another kind', withStep({ ...good, params: { name: 'A', secret: 'very' } })],
    ['a number that is too large', withStep({ ...good, retryIfInterrupted: 6 })],
    ['a fault in a group', withStep({ group: 'g', steps: [{ ...good, type: 'x' }] })],
    ['an unknown kind of condition', withCondition({ kind: 'variabel', variable: 'A' })],
    ['an unknown operator', withCondition({ kind: 'variable', variable: 'A', operator: 'is' })],
    ['an unknown word', withCondition({ every: [] })],
    ['two words at once', withCondition({ all: [], any: [] })],
    ['a fault deep in a condition', withCondition({ any: [{ none: [{ kind: 'wmi' }] }] })],
    ['a field of another kind of condition', withCondition({ kind: 'wmi', query: 'x', path: 'y' })],
  ])('refuses %s, as the reader does', (_what, document) => {
    expect(faults(document)).not.toBe('');
    expect(isRead(document)).toBe(false);
  });

  it('takes a variable wherever the reader takes one', () => {
    const format = (params: object) => withStep({ step: 'a', type: 'format-disk', params });
    const partition = { size: { percent: '%P%' }, quick: '%Q%', type: '%T%' };
    for (const document of [
      format({ disk: '%D%', style: '%S%', partitions: [partition] }),
      format({ partitions: '%All%' }),
    ]) {
      expect(isRead(document)).toBe(true);
      expect(faults(document)).toBe('');
    }
    expect(faults(format({ partitions: [{ ...partition, sise: '%P%' }] }))).not.toBe('');
  });

  /** Values that a mistake, or a reader's tolerance, puts in place of another. */
  const others: readonly unknown[] = [
    ['%Name%', 'a %Name% b', '5', ' 7 ', '-1', '0x5', '0 3010', '', ' x ', 'x'.repeat(5000)],
    [true, null, 0, 1, -1, 3010, 2.5, [], {}, [5], [-1], ['a'], { name: 'x' }, { id: 'ABC1' }],
  ].flat(1);

  /** A value with each of its places changed in turn: replaced, taken out, or with something more. */
  function* changes(value: unknown): Generator {
    yield* others;
    if (typeof value === 'string') yield ` ${value.toUpperCase()} `;
    if (Array.isArray(value)) {
      for (const each of others) yield [...value, each];
      for (const [index, item] of value.entries())
        for (const each of changes(item)) yield value.with(index, each);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
      for (const each of changes(inner)) yield { ...value, [key]: each };
    }
  }

  /** Holds the schema to the reader on a document and all its changes; how many of them were read. */
  function compare(document: unknown): number {
    if (!isRead(document)) return 0;
    expect(faults(document), JSON.stringify(document)).toBe('');
    return 1;
  }

  it.each(Object.keys(steps))(
    'takes what the reader takes of %s, however it is changed',
    (type) => {
      const arbitrary = sampleOf({ $ref: `#/$defs/params-${type}` }, schema);
      const documentOf = (params: unknown) => withStep({ step: 'a', type, params });
      const samples = fc.sample(arbitrary, { numRuns: 400, seed: 1 });
      // What goes with a setting is asked by refinements: one setting alone is mostly well.
      const alone = samples.slice(0, 8).flatMap((sample) => Object.entries(Object(sample)));
      const single = alone.map(([key, value]) => ({ [key]: value }));
      const sound = [...samples, ...single].filter((params) => isRead(documentOf(params)));
      let read = 0;
      for (const sample of [...sound.slice(0, 5), ...sound.slice(-15)])
        for (const params of changes(sample)) read += compare(documentOf(params));
      expect(read).toBeGreaterThan(5);
    },
  );

  it('takes what the reader takes of conditions and heads, however they are changed', () => {
    const conditions = [
      { all: [{ kind: 'variable', variable: 'X', operator: 'equals', value: 'y' }, { any: [] }] },
      { none: [{ kind: 'os-language', language: 'en-US' }] },
      { kind: 'os-version', platforms: [{ name: 'x', productType: 'server', maxVersion: '10.0' }] },
      { kind: 'os-version', platforms: [{ family: 'linux', architecture: 'x64' }] },
      { kind: 'file', path: 'C:\\a', version: '10.0.1', versionOperator: 'less' },
      { kind: 'folder', path: '/a', modified: '2024-05-31', modifiedOperator: 'equals' },
      { kind: 'registry', key: 'hklm\\X', valueName: 'Y', type: 'REG_SZ', operator: 'exists' },
      { kind: 'registry', key: '%Root%\\X', operator: 'greater', data: '5' },
      { kind: 'wmi', namespace: 'root\\wmi', query: 'SELECT * FROM X' },
      { kind: 'software', match: 'any-version', upgradeCode: `{${guid}}`, productName: 'X' },
      { kind: 'software', match: 'this-version', productCode: guid, version: '1' },
    ];
    const origin = sampleOf({ $ref: '#/$defs/origin' }, schema);
    let read = 0;
    for (const condition of conditions)
      for (const changed of changes(condition)) read += compare(withCondition(changed));
    for (const from of fc.sample(origin, { numRuns: 3, seed: 1 })) {
      const step = { ...good, retryIfInterrupted: 2, origin: from };
      const group = { group: 'g', continueOnError: true, steps: [step] };
      const head = { platform: 'windows', description: 'd', options: {}, $schema: 's' };
      for (const document of changes(withStep(group, head))) read += compare(document);
    }
    expect(read).toBeGreaterThan(300);
  });

  it('knows every kind of condition', () => {
    const kinds = Expression.options.map(({ shape }) => `condition-${shape.kind.value}`);
    expect(Object.keys(schema.$defs ?? {})).toEqual(expect.arrayContaining(kinds));
  });
});
