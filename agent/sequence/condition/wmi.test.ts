import { describe, expect, it } from 'vitest';
import { ask, type Facts, variablesOf } from './testing/machine-of.ts';

describe('M03 a WMI expression', () => {
  const facts: Facts = { inventory: { Win32_ComputerSystem: [{ Model: 'Latitude 7440' }] } };
  const wmi = (where: string, namespace?: string) => ({
    kind: 'wmi',
    query: `SELECT * FROM Win32_ComputerSystem WHERE ${where}`,
    ...(namespace === undefined ? {} : { namespace }),
  });
  it('has only the variables put in that there are: a pattern keeps its marks', async () => {
    const variables = variablesOf({ Wanted: 'latitude 7440' });
    const models = await ask(wmi('Model LIKE "%Latitude%"'), facts, variables);
    expect(models).toMatchObject({ verdict: true, asked: ['inventory'] });
    expect(models.detail).toContain('LIKE "%Latitude%": true (it has a row)');
    expect((await ask(wmi('Model = "%wanted%"'), facts, variables)).verdict).toBe(true);
    expect((await ask(wmi('Model = "%unwanted%"'), facts, variables)).verdict).toBe(false);
  });

  it.each([
    [wmi('Model = "x" AND'), 'Cannot read the query'],
    [wmi('Modell = "x"'), 'has no property Modell'],
    [wmi('Model = "x"', 'root\\wmi'), 'no namespace root\\wmi'],
    [{ kind: 'wmi', query: 'SELECT * FROM Win32_Service' }, 'no class Win32_Service'],
  ])('that cannot be answered is false: %j', async (condition, reason) => {
    expect(await ask(condition, facts)).toMatchObject({
      verdict: false,
      detail: expect.stringContaining(reason),
    });
  });
});
