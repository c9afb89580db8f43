import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Expression } from '#agent/sequence/condition.ts';
import { steps } from '#agent/steps/index.ts';
import { readSequenceText } from './sequence-text.ts';

const text = readFileSync(`${import.meta.dirname}/../docs/task-sequences.md`, 'utf8');
const examples = [...text.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, yaml = '']) => yaml);

describe('the examples of docs/task-sequences.md', () => {
  it.each(examples)('are task sequences (%#)', (yaml) => {
    expect(readSequenceText(yaml, steps).sequence.stepCount).toBeGreaterThan(0);
  });

  it('name every kind of condition that there is, and no other', () => {
    const named = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind);
    const kinds = Expression.options.map(({ shape }) => shape.kind.value);
    expect(new Set(named.filter((name) => name !== 'condition'))).toEqual(new Set<string>(kinds));
  });
});
