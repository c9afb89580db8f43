import { describe, expect, it } from 'vitest';
import { nodeName, uniqueSequenceNames } from './unique-names.ts';

describe('M24 names of imported sequences', () => {
  it('are unlike each other, without case', () => {
    const names = ['Install', 'install ', 'Install (2)', '', ''].map((name) => ({ name }));
    expect(uniqueSequenceNames(names)).toEqual([
      'Install',
      'install (2)',
      'Install (2) (2)',
      'Imported task sequence',
      'Imported task sequence (2)',
    ]);
  });

  it('have at most 256 characters', () => {
    const long = { name: 'x'.repeat(300) };
    const [first = '', second = ''] = uniqueSequenceNames([long, long]);
    expect(first).toHaveLength(256);
    expect(second).toBe(`${'x'.repeat(252)} (2)`);
    expect(nodeName('   ', 'Step')).toBe('Step');
  });
});
