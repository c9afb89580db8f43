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
