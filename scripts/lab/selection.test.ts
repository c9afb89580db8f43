import { expect, it } from 'vitest';
import type { Scenario } from './scenario.ts';
import { selectByBudget, selectByName } from './selection.ts';

const scenario = (name: string, estimateSeconds: number, core = false): Scenario => ({
  name,
  title: name,
  kind: 'machine',
  estimateSeconds,
  core,
  run: async () => {},
});
const all = [scenario('boot', 100, true), scenario('a', 60), scenario('b', 60), scenario('c', 60)];
const names = (budget: number, turn: number) =>
  selectByBudget(all, budget, turn).chosen.map((one) => one.name);

it('runs the core even when there is no budget', () => {
  expect(names(0, 7)).toEqual(['boot']);
});

it('moves the rotation on by one each turn and wraps', () => {
  expect([0, 1, 2, 3].map((turn) => names(120, turn))).toEqual([
    ['boot', 'a', 'b'],
    ['boot', 'b', 'c'],
    ['boot', 'c', 'a'],
    ['boot', 'a', 'b'],
  ]);
});

it('says which are left for another turn', () => {
  expect(selectByBudget(all, 60, 1).left.map((one) => one.name)).toEqual(['a', 'c']);
});

it('refuses a name that no scenario has', () => {
  expect(() => selectByName(all, ['a', 'z'])).toThrow('no scenario is called z');
});
