import { describe, expect, it } from 'vitest';
import { formatJsonSchema } from '#agent/sequence/json-schema.ts';
import { steps } from '#agent/steps/index.ts';
import { type Schema, schemaReader, shapeOf } from './form.ts';

const reader = schemaReader(JSON.parse(formatJsonSchema(steps)));
const kindOf = (type: string) => reader.kinds().find((kind) => kind.type === type);
const field = (type: string, name: string) => {
  const found = reader.fieldsOf(kindOf(type)?.params ?? {}).find((each) => each.name === name);
  if (found === undefined) throw new Error(`${type} has no ${name}`);
  return found;
};

describe('forms from the schema that the server serves', () => {
  it('know every type of step, and have a control for every setting but recursive ones', () => {
    const kinds = reader.kinds();
    expect(kinds.map(({ type }) => type)).toEqual(Object.keys(steps));
    const free: string[] = [];
    const walk = (schema: Schema, at: string): void => {
      const control = reader.control(schema);
      if (control.kind === 'free') free.push(at);
      if (control.kind === 'fields')
        for (const each of control.fields) walk(each.schema, `${at}.${each.name}`);
      if (control.kind === 'list' && at.split('[').length < 6) walk(control.item, `${at}[]`);
      if (control.kind === 'shapes' && !at.includes('condition'))
        for (const shape of control.shapes) walk(shape.schema, `${at}|`);
    };
    for (const kind of kinds) {
      expect(kind.title).not.toBe('');
      walk(kind.params, kind.type);
    }
    expect(free).toEqual([]);
  });

  it('ask for what a setting is, not for a variable in its place', () => {
    expect(reader.control(field('format-disk', 'style').schema)).toEqual({
      kind: 'choice',
      options: ['gpt', 'mbr'],
    });
    expect(reader.control(field('apply-image', 'index').schema)).toEqual({ kind: 'number' });
    expect(reader.control(field('apply-image', 'image').schema)).toEqual({ kind: 'reference' });
    expect(reader.control(field('run-command', 'commandLine').schema)).toMatchObject({
      kind: 'text',
      isLong: true,
    });
    expect(reader.control(field('run-command', 'disableWow64Redirection').schema)).toEqual({
      kind: 'switch',
    });
    expect(reader.control(field('run-command', 'successCodes').schema)).toMatchObject({
      kind: 'list',
    });
    expect(field('run-command', 'commandLine')).toMatchObject({
      isRequired: true,
      title: 'Command line',
    });
    const runAs = reader.control(field('run-command', 'runAs').schema);
    const password =
      runAs.kind === 'fields' ? runAs.fields.find(({ name }) => name === 'password') : undefined;
    expect(reader.control(password?.schema ?? {})).toMatchObject({ kind: 'text', isSecret: true });
  });

  it('tell the shape that a value has, and begin another', () => {
    const control = reader.control(field('apply-image', 'destination').schema);
    if (control.kind !== 'shapes') throw new Error(control.kind);
    const { shapes } = control;
    const label = (value: unknown) => shapes[shapeOf(shapes, value)]?.label;
    expect(label('next-available')).toBe('next-available');
    expect(label({ disk: 0, partition: 1 })).toBe('disk, partition');
    expect(label({ variable: 'OSVolume' })).toBe('variable');
    expect(label(['?'])).toBeUndefined();
    expect(shapes.map(({ begin }) => begin)).toEqual([
      'next-available',
      { disk: 0, partition: 1 },
      { variable: '' },
      { drive: '' },
    ]);
    expect(reader.begin(kindOf('format-disk')?.params ?? {})).toEqual({ partitions: [{}] });
  });

  it('know the kinds of conditions and the settings of the sequence', () => {
    expect(reader.conditionKinds().map(({ kind }) => kind)).toContain('os-version');
    expect(reader.ofSequence().map(({ name }) => name)).toContain('bootImage');
  });
});
