import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { joinActionVariables, plainActionVariables, presetSettings } from './action-variables.ts';
import { StepError } from './step-error.ts';
import { Variables } from './variables.ts';

const actionVariables = plainActionVariables({
  WorkingDirectory: { param: 'folder', schema: z.string().max(255) },
  Seconds: { param: 'seconds', type: 'number', schema: z.number().max(60) },
  Quiet: { param: 'quiet', type: 'boolean', schema: z.boolean() },
  UserName: { param: 'account.name', schema: z.string() },
});
const settingsOf = (params: object, preset: Record<string, string> = {}) =>
  presetSettings(
    { actionVariables },
    params,
    Variables.none.setAll(
      Object.entries(preset).map(([name, value]) => ({ name, value, secret: false })),
    ),
  );

describe('M11 action variables', () => {
  it('hold the settings of a step as texts; what is not set has none', () => {
    const params = { folder: '/srv', seconds: 5, quiet: false, account: { name: 'a' }, other: 1 };
    expect(settingsOf(params)).toEqual({
      params,
      action: { WorkingDirectory: '/srv', Seconds: '5', Quiet: 'false', UserName: 'a' },
    });
    expect(settingsOf({ folder: ['no text'] }).action).toEqual({});
  });

  it('have words of their own for a choice, without case', () => {
    const schema = z.enum(['domain', 'workgroup']);
    const words = { 0: 'domain', 1: 'workgroup' };
    const joined = joinActionVariables(
      plainActionVariables({ JoinType: { param: 'join', words, schema } }),
      actionVariables,
    );
    const preset = (value: string) => (name: string) => (name === 'JoinType' ? value : undefined);
    expect(joined.toVariables({ join: 'workgroup', seconds: 1 })).toEqual({
      JoinType: '1',
      Seconds: '1',
    });
    expect(joined.override({ join: 'workgroup' }, preset(' 0 '))).toEqual({ join: 'domain' });
    expect(() => joined.override({}, preset('2'))).toThrow(/JoinType .*"2" is none of 0, 1/);
  });

  it('override the settings when they were set beforehand, at any depth, in any case', () => {
    const preset = { WORKINGDIRECTORY: '/tmp', Quiet: 'TRUE', UserName: 'b', seconds: '7' };
    expect(settingsOf({ folder: '/srv', account: { password: 'p' } }, preset)).toEqual({
      params: {
        folder: '/tmp',
        quiet: true,
        account: { name: 'b', password: 'p' },
        seconds: 7,
      },
      action: { WorkingDirectory: '/tmp', Quiet: 'true', UserName: 'b', Seconds: '7' },
    });
  });

  it.each([
    [{ Quiet: 'yes' }, 'The variable Quiet overrides a setting: "yes" is neither true nor false'],
    [{ Seconds: 'soon' }, 'The variable Seconds overrides a setting: "soon" is no whole number'],
    [{ Seconds: '61' }, 'The variable Seconds overrides a setting: Too big'],
  ])('name the variable whose text the step does not take: %j', (preset, message) => {
    const refused = (): unknown => settingsOf({}, preset);
    expect(refused).toThrow(StepError);
    expect(refused).toThrow(message);
  });

  it('do not change what they are given', () => {
    const params = { account: { name: 'a' } };
    settingsOf(params, { UserName: 'b' });
    expect(params).toEqual({ account: { name: 'a' } });
  });

  it('leave settings that say nothing of variables as they are', () => {
    const params = { folder: '%X%' };
    expect(presetSettings({}, params, Variables.none)).toEqual({ params, action: {} });
    expect(presetSettings({ actionVariables }, null, Variables.none).params).toBeNull();
  });

  it('give back as settings what they were given as text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 50 }), fc.boolean(), (folder, quiet) => {
        const { action } = settingsOf({ folder, quiet });
        expect(settingsOf({}, { ...action })).toMatchObject({ params: { folder, quiet } });
      }),
    );
  });
});
