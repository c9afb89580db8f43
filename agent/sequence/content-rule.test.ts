import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { runSequence } from '#agent/steps/run-sequence.ts';
import { listMissingContent, missingContentRule } from './content-rule.ts';
import { ContentReference } from './references.ts';
import { parseTaskSequence } from './schema.ts';
import { defineStep } from './step.ts';

const registry = {
  'run-sequence': runSequence,
  install: defineStep({
    type: 'install',
    title: 'Install',
    menu: 'general',
    help: 'A step of a test.',
    action: 'now',
    needs: [],
    runsIn: ['linux-pe'],
    params: z.strictObject({ from: ContentReference }),
    repeatable: true,
    destructive: false,
    referenceParams: { from: 'package' },
    references: () => [],
    async *run() {
      yield {};
      return {};
    },
  }),
};
const install = (id: string, more: object = {}) => ({
  step: `Install ${id}`,
  type: 'install',
  params: { from: { id } },
  ...more,
});
const never = { kind: 'variable', variable: 'Never', operator: 'exists' };

/** What is missing, as `step name: what follows` for a purpose. */
function missing(steps: object[], purpose: 'available' | 'required' | 'stand-alone-media') {
  const sequence = parseTaskSequence({ name: 'test', steps }, registry);
  const there = PackageId.parse('HERE');
  return listMissingContent(sequence, registry, (id) => (id === there ? undefined : '')).map(
    ({ found }) => `${found.step?.name}: ${missingContentRule(found.tolerated, { purpose })}`,
  );
}

describe('M06 content that cannot be found, before the first step', () => {
  it.each([
    // The step that needs it | Available | Required | Stand-alone media
    ['is disabled', [install('GONE', { disabled: true })], [], [], []],
    [
      'is in a disabled group',
      [{ group: 'G', disabled: true, steps: [install('GONE')] }],
      [],
      [],
      [],
    ],
    [
      'continues on error',
      [install('GONE', { continueOnError: true })],
      ['Install GONE: fails-at-step'],
      ['Install GONE: fails-at-step'],
      ['Install GONE: media-warns'],
    ],
    [
      'is in a group that continues on error, however deep',
      [{ group: 'G', continueOnError: true, steps: [{ group: 'H', steps: [install('GONE')] }] }],
      ['Install GONE: fails-at-step'],
      ['Install GONE: fails-at-step'],
      ['Install GONE: media-warns'],
    ],
    [
      'is none of these',
      [install('HERE'), install('GONE')],
      ['Install GONE: run-fails'],
      ['Install GONE: wait'],
      ['Install GONE: media-refused'],
    ],
    [
      'has a condition, as that cannot be known yet',
      [{ group: 'G', condition: never, steps: [install('GONE', { condition: never })] }],
      ['Install GONE: run-fails'],
      ['Install GONE: wait'],
      ['Install GONE: media-refused'],
    ],
    [
      'is in a child sequence',
      [
        {
          step: 'Run child',
          type: 'run-sequence',
          params: { sequence: { name: 'Child' } },
          child: { id: 'TS1', name: 'Child', version: 1, steps: [install('GONE')] },
        },
      ],
      ['Install GONE: run-fails'],
      ['Install GONE: wait'],
      ['Install GONE: media-refused'],
    ],
  ])('the step %s', (_which, steps, available, required, media) => {
    expect(missing(steps, 'available')).toEqual(available);
    expect(missing(steps, 'required')).toEqual(required);
    expect(missing(steps, 'stand-alone-media')).toEqual(media);
  });

  it('takes a name that led to no package for missing, and says it', () => {
    const steps = [{ step: 'Install', type: 'install', params: { from: { name: 'Debian 13' } } }];
    const sequence = parseTaskSequence({ name: 'test', steps }, registry);
    const [found] = listMissingContent(sequence, registry, () => undefined);
    expect(found?.error).toMatchObject({
      code: 'content.missing',
      message: expect.stringContaining('"Debian 13"'),
    });
  });

  it('says why, where the server has said it', () => {
    const sequence = parseTaskSequence({ name: 'test', steps: [install('GONE')] }, registry);
    const [found] = listMissingContent(sequence, registry, () => '10.1.0.1 is in no boundary');
    expect(found?.error.message).toBe(
      '"Install GONE" needs GONE, which is on no distribution point: 10.1.0.1 is in no boundary',
    );
  });

  it('M30 is the boot image that the document names, too', () => {
    const sequence = parseTaskSequence(
      { name: 'test', bootImage: { name: 'Bench PE' }, steps: [install('HERE')] },
      registry,
    );
    const missing = listMissingContent(sequence, registry, (id) =>
      id === 'HERE' ? undefined : '',
    );
    expect(missing).toMatchObject([
      {
        found: { path: 'bootImage', tolerated: false },
        error: {
          message: 'The task sequence starts from "Bench PE", which is on no distribution point',
        },
      },
    ]);
  });
});
