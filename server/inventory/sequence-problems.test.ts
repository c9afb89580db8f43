import { expect, it } from 'vitest';
import { PackageId, SequenceId } from '#agent/protocol/identity.ts';
import type { SequenceOutline } from './sequence-outline.ts';
import { refusalsOf, sequenceProblems } from './sequence-problems.ts';

const empty: SequenceOutline = {
  name: '',
  disabled: false,
  references: [],
  programs: [],
  bootImage: undefined,
  maxRunMinutes: undefined,
  osImages: [],
  course: [],
  children: [],
  risky: [],
  upgrades: false,
  later: [],
  fault: undefined,
};
const site = {
  packages: [{ id: PackageId.parse('MW100001'), name: 'Office' }],
  candidates: {
    packages: () => [],
    applications: () => [],
    bootImages: () => [],
    sequences: () => [],
  },
  find: () => undefined,
  features: { childSequences: true },
};
const problemsOf = (outline: Partial<SequenceOutline>) =>
  sequenceProblems(
    { id: SequenceId.parse('MW100002'), name: 'Install', outline: { ...empty, ...outline } },
    site,
  );

it('M15 a step whose action comes later stops a deployment, and no storing', () => {
  const problems = problemsOf({
    later: [{ path: 'steps[3]', step: 'Join', what: 'this version cannot run it yet' }],
  });
  expect(problems).toMatchObject([
    {
      code: 'step.later',
      message: 'Step "Join" (steps[3]): this version cannot run it yet',
      path: 'steps[3]',
      step: 'Join',
    },
  ]);
  expect(refusalsOf(problems)).toEqual([]);
});

it('M15 no package is an application, whatever it is called', () => {
  const place = { path: 'steps[0].params.applications[1]', step: 'Apps', field: 'applications[1]' };
  const reference = { name: 'Office' };
  const missing = problemsOf({ references: [{ ...place, kind: 'application', reference }] });
  expect(missing).toMatchObject([{ code: 'sequence.reference', ...place, candidates: [] }]);
  expect(refusalsOf(missing)).toEqual(missing);
  expect(problemsOf({ references: [{ ...place, kind: 'package', reference }] })).toEqual([]);
});

it('M15 what is broken in a child stops a deployment of its parent, and no storing', () => {
  const reference = { name: 'Gone' };
  const place = { path: 'steps[0].params.image', step: 'OS', field: 'image' };
  const outline = { ...empty, references: [{ ...place, kind: 'os-image' as const, reference }] };
  const child = { id: SequenceId.parse('MW100003'), name: 'Child', isDraft: false, outline };
  const at = { path: 'steps[1].params.sequence', step: 'Run it' };
  const problems = sequenceProblems(
    {
      id: SequenceId.parse('MW100002'),
      name: 'Parent',
      outline: { ...empty, children: [{ ...at, reference: { name: 'Child' } }] },
    },
    { ...site, find: () => child },
  );
  expect(problems).toMatchObject([{ path: 'steps[1].child.steps[0].params.image' }]);
  expect(refusalsOf(problems)).toEqual([]);
});
