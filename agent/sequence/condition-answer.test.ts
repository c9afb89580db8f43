import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, type Facts, machineOf, variablesOf } from './condition/testing/machine-of.ts';
import { type Condition, decideCondition } from './condition.ts';
import { answerCondition } from './condition-answer.ts';
import { HIDDEN, Variables } from './variables.ts';

describe('M03 a condition on a machine', () => {
  const there = { kind: 'file', path: 'there' } as const;
  const gone = { kind: 'file', path: 'gone' } as const;
  const failing = { kind: 'registry', key: 'HKLM\\X', operator: 'notExists' } as const;
  const set = { kind: 'variable', variable: 'Set', operator: 'exists' } as const;
  const facts: Facts = { paths: { 'file there': {} } };
  const variables = variablesOf({ Set: 'yes' });

  it.each<[Condition, boolean, readonly string[]]>([
    [{ none: [gone, gone] }, true, ['gone', 'gone']],
    [{ none: [gone, there, gone] }, false, ['gone', 'there']],
    [{ all: [there, set, gone, there] }, false, ['there', 'gone']],
    [{ any: [gone, there, there] }, true, ['gone', 'there']],
    [{ any: [set, there] }, true, []],
    [{ all: [{ none: [set] }, there] }, false, []],
    [
      { any: [{ all: [set, gone] }, { none: [there] }, { all: [there] }] },
      true,
      ['gone', 'there', 'there'],
    ],
    [{ none: [failing] }, true, []],
    [{ any: [failing, there] }, true, ['there']],
  ])('%j is %j and asks no more than it takes', async (condition, expected, asked) => {
    const found = await ask(condition, facts, variables);
    expect(found.verdict).toBe(expected);
    expect(found.asked).toEqual(asked.map((path) => `file ${path}`));
  });

  it('decides any tree as a simple model does, and asks for the same in the same order', async () => {
    const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Condition>(there, gone, set),
        fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ none: fc.array(tie('tree'), { maxLength: 3 }) }),
      ),
    }));
    const model = (condition: Condition, asked: string[]): boolean => {
      const is = (child: Condition) => model(child, asked);
      if ('all' in condition) return condition.all.every(is);
      if ('any' in condition) return condition.any.some(is);
      if ('none' in condition) return !condition.none.some(is);
      if (condition.kind !== 'file') return true;
      asked.push(`file ${condition.path}`);
      return condition.path === 'there';
    };
    await fc.assert(
      fc.asyncProperty(tree, async (condition) => {
        const wanted: string[] = [];
        const verdict = model(condition, wanted);
        const found = await ask(condition, facts, variables);
        expect([found.verdict, found.asked]).toEqual([verdict, wanted]);
      }),
    );
  });

  it('takes any error of the machine for false, and says why', async () => {
    const { query } = machineOf(facts);
    const failing = { ...query, path: async () => Promise.reject(new Error('the disk is gone')) };
    const { signal } = new AbortController();
    const condition: Condition = { any: [there, set] };
    expect(await answerCondition(condition, { variables, query: failing, signal })).toEqual({
      verdict: true,
      detail:
        'any(file "there" exists: false (cannot be answered: the disk is gone); ' +
        'Set exists: true (is "yes"))',
    });
  });

  it('throws nothing but a cancellation', async () => {
    const { query, asked } = machineOf(facts);
    const stop = new AbortController();
    const stopping = {
      ...query,
      path: async () => {
        stop.abort(new Error('stopped'));
        throw new Error('broken off');
      },
    };
    const ground = { variables, query: stopping, signal: stop.signal };
    await expect(answerCondition(there, ground)).rejects.toThrow('broken off');
    await expect(answerCondition(there, { ...ground, query })).rejects.toThrow('stopped');
    expect(asked).toEqual([]);
    expect(await answerCondition(set, ground)).toMatchObject({ verdict: true });
  });

  it('shows no secret, wherever it is put in', async () => {
    const variables = variablesOf({ Key: 'hunter2' }, true);
    const conditions: readonly object[] = [
      { kind: 'file', path: 'C:\\%Key%' },
      { kind: 'registry', key: 'HKLM\\%Key%', operator: 'equals', data: '%Key%' },
      { kind: 'wmi', query: 'SELECT * FROM X WHERE A = "%Key%" hunter2' },
      { kind: 'variable', variable: 'Other', operator: 'like', value: '*%Key%*' },
      { kind: 'variable', variable: 'Key', operator: 'equals', value: 'hunter2' },
    ];
    for (const condition of conditions) {
      const { detail } = await ask(condition, { registry: {} }, variables);
      expect(detail).toContain(HIDDEN);
      expect(detail).not.toContain('hunter2');
    }
    const secret = 'x'.repeat(3000);
    const long = variablesOf({ Key: secret }, true);
    const { detail } = await ask({ kind: 'file', path: '%Key%' }, {}, long);
    expect(detail).toBe(`file "${HIDDEN}" exists: false (there is no such file)`);
  });

  it('keeps the detail to what a run holds', async () => {
    const query = `SELECT * FROM X WHERE ${'A = 1 OR '.repeat(1500)}A = 1`;
    const one = { kind: 'wmi', query };
    expect((await ask(one)).detail.length).toBeLessThanOrEqual(500);
    const many = { any: Array.from({ length: 900 }, () => there) };
    const { detail } = await ask(many, {});
    expect([detail.length, detail.endsWith('…')]).toEqual([2000, true]);
  });
});

describe('M03 deciding on answers that are given', () => {
  it('says which expression is to be asked about next', () => {
    const [one, two] = [
      { kind: 'file', path: 'one' },
      { kind: 'file', path: 'two' },
    ] as const;
    const decision = decideCondition({ any: [one, two] }, Variables.none);
    expect(decision.next()).toEqual({ done: false, value: one });
    expect(decision.next({ verdict: false, detail: 'no' })).toEqual({ done: false, value: two });
    expect(decision.next({ verdict: true, detail: 'yes' })).toEqual({
      done: true,
      value: { verdict: true, detail: 'any(no; yes)' },
    });
  });
});
