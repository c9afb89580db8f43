import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { ContentReference, listReferences, pinReferences } from './references.ts';
import { parseTaskSequence } from './schema.ts';
import { defineStep } from './step.ts';
import { group } from './testing/play.ts';

const registry = {
  install: defineStep({
    type: 'install',
    title: 'Install',
    menu: 'general',
    help: 'A step of a test.',
    action: 'now',
    needs: [],
    runsIn: ['linux-pe'],
    params: z.strictObject({ from: ContentReference.optional(), note: z.string().optional() }),
    repeatable: true,
    destructive: false,
    referenceParams: { from: 'package' },
    references: ({ from }) => (from?.id === undefined ? [] : [from.id]),
    async *run() {
      yield {};
      return {};
    },
  }),
};
const install = (name: string, from?: object, more: object = {}) => ({
  step: name,
  type: 'install',
  params: { ...(from === undefined ? {} : { from }), note: 'x' },
  ...more,
});
const sequence = parseTaskSequence(
  {
    name: 'test',
    steps: [
      install('A', { name: 'Debian 12' }),
      install('none'),
      install('off', { name: 'Gone' }, { disabled: true }),
      group('G', [group('H', [install('B', { id: 'ABC00002', name: 'Old name' })])], {
        continueOnError: true,
      }),
      group('off', [install('C', { name: 'Gone' })], { disabled: true }),
      install('D', { name: 'Missing' }, { continueOnError: true }),
    ],
  },
  registry,
);

describe('M06 references', () => {
  it('are those of enabled steps, with their place and whether an error is tolerated', () => {
    const found = listReferences(sequence, registry);
    expect(found.map(({ path, reference, tolerated }) => [path, reference, tolerated])).toEqual([
      ['steps[0].params.from', { name: 'Debian 12' }, false],
      ['steps[3].steps[0].steps[0].params.from', { id: 'ABC00002', name: 'Old name' }, true],
      ['steps[5].params.from', { name: 'Missing' }, true],
    ]);
  });

  it('M34 get the id they resolve to; others stay as they are', () => {
    const pinned = pinReferences(sequence, registry, ({ id, name }) =>
      name === 'Debian 12' ? PackageId.parse('ABC00009') : id,
    );
    expect(listReferences(pinned, registry).map(({ reference }) => reference)).toEqual([
      { id: 'ABC00009', name: 'Debian 12' },
      { id: 'ABC00002', name: 'Old name' },
      { name: 'Missing' },
    ]);
    expect(pinned.steps[0]).toMatchObject({ params: { note: 'x' } });
    expect(listReferences(sequence, registry)[0]?.reference).toEqual({ name: 'Debian 12' });
  });

  it('M34 begin with the boot image of the document, which no step tolerates', () => {
    const document = { name: 'test', bootImage: { name: 'Bench PE' }, steps: [install('A')] };
    const started = parseTaskSequence(document, registry);
    expect(listReferences(started, registry)).toEqual([
      {
        step: undefined,
        path: 'bootImage',
        reference: { name: 'Bench PE' },
        kind: 'boot-image',
        tolerated: false,
      },
    ]);
    const pinned = pinReferences(started, registry, (_reference, kind) =>
      kind === 'boot-image' ? PackageId.parse('ABC00007') : undefined,
    );
    expect(pinned.bootImage).toEqual({ id: 'ABC00007', name: 'Bench PE' });
    expect(pinReferences(started, registry, () => undefined).bootImage).toEqual({
      name: 'Bench PE',
    });
  });

  it('need an id or a name', () => {
    expect(ContentReference.safeParse({}).success).toBe(false);
    expect(ContentReference.safeParse({ id: 'lower' }).success).toBe(false);
  });
});
