import { describe, expect, it } from 'vitest';
import { StepVariables } from './step-variables.ts';
import { Variables } from './variables.ts';

const before = Variables.none.set({ name: 'Password', value: 'correct-horse', secret: true });

describe('M11 a secret that a step does away with', () => {
  it.each([
    ['deleted', ''],
    ['replaced', 'battery-staple'],
  ])('%s, is hidden to the end of the step', (_how, value) => {
    const variables = new StepVariables(before);
    variables.set('password', value);
    expect(variables.hide(`was correct-horse, is ${value}`)).not.toContain('correct-horse');
    expect(variables.hide('was correct-horse')).toBe('was ********');
    if (value !== '') expect(variables.hide(value)).toBe('********');
  });
});

it('M11 keeps a setting that a secret was put into out of the environment', () => {
  const before = Variables.none.set({ name: 'Share', value: 'hunter2', secret: true });
  const variables = new StepVariables(before, { WorkingDirectory: '/mnt/hunter2', Other: '/srv' });
  expect(variables.get('WorkingDirectory')?.secret).toBe(true);
  expect(variables.environment()).toEqual({ Other: '/srv' });
});
