import { describe, expect, it } from 'vitest';
import type { WmiInventory } from '../query-capability.ts';
import { queryWmi } from './answer.ts';

const inventory: WmiInventory = {
  Win32_ComputerSystem: [{ Manufacturer: 'Dell Inc.', Model: 'Latitude 7440', PCSystemType: 2 }],
  Win32_Battery: [],
  Win32_Tpm: [{ SpecVersion: '2.0, 0, 1.38', IsOwned_InitialValue: true }],
};
const { signal } = new AbortController();
const ask = async (query: string, namespace = 'root\\cimv2') =>
  queryWmi({ namespace, query }, { inventory: async () => inventory, wmi: undefined }, signal);

describe('M03 a query without WMI', () => {
  it.each<[string, string, boolean]>([
    ['SELECT * FROM win32_computersystem WHERE Model LIKE "%Latitude%"', 'ROOT/CIMV2', true],
    ['SELECT * FROM Win32_ComputerSystem WHERE PCSystemType = "2"', '\\\\.\\root\\cimv2', true],
    ['Select BatteryStatus From Win32_Battery where BatteryStatus != 2', 'root\\cimv2', false],
    [
      'select * from Win32_TPM WHERE IsOwned_InitialValue=TRUE',
      'root\\CIMV2\\Security\\MicrosoftTpm',
      true,
    ],
    [
      'SELECT * FROM Win32_Tpm WHERE NOT SpecVersion LIKE "2.0%"',
      'root/cimv2/security/microsofttpm',
      false,
    ],
  ])('%s in %s: %j', async (query, namespace, expected) => {
    expect(await ask(query, namespace)).toBe(expected);
  });

  it.each([
    ['SELECT * FROM Win32_Tpm', 'root\\cimv2', 'query.class', 'microsofttpm'],
    [
      'SELECT * FROM Win32_ComputerSystem',
      'root\\cimv2\\Security\\MicrosoftTpm',
      'query.class',
      'root\\cimv2',
    ],
    ['SELECT * FROM __proto__', 'root\\cimv2', 'query.class', 'Win32_Battery'],
    ['SELECT * FROM Win32_Battery', 'root\\wmi', 'query.namespace', 'root\\cimv2'],
    ['SELECT * FROM Win32_Battery WHERE', 'root\\cimv2', 'wql.syntax', undefined],
  ])('%s in %s fails: %s', async (query, namespace, code, hint) => {
    await expect(ask(query, namespace)).rejects.toMatchObject({
      code,
      ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }),
    });
  });

  it('with WMI is asked of it, as it stands', async () => {
    const query = 'ASSOCIATORS OF {Win32_X="y"}';
    const asked: unknown[] = [];
    const wmi = async (request: unknown) => {
      asked.push(request);
      return true;
    };
    const never = async () => {
      throw new Error('not to be asked');
    };
    const namespace = '//./root/HP/InstrumentedBIOS';
    expect(await queryWmi({ namespace, query }, { wmi, inventory: never }, signal)).toBe(true);
    expect(asked).toEqual([{ namespace: 'root\\HP\\InstrumentedBIOS', query }]);
  });
});
