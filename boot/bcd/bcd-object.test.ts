import { describe, expect, it } from 'vitest';
import { bcdObject, type Setting } from './bcd-object.ts';
import { objectType, wellKnown } from './object-kinds.ts';

const settings = (type: number, values: Record<string, Setting | undefined>) =>
  bcdObject(wellKnown.bootmgr, type, values).elements.map(({ id, value }) => [
    id.toString(16),
    value,
  ]);

describe('bcdObject', () => {
  it('knows the settings of each kind by their names, in the order of their ids', () => {
    expect(
      settings(objectType.osloader, {
        winpe: true,
        nx: 'AlwaysOn',
        numproc: 2,
        resumeobject: '{20000000-0000-4000-8000-00000000000A}',
        systemroot: '\\windows',
        osdevice: { kind: 'boot' },
        allowedinmemorysettings: [0x15000075],
        inherit: [wellKnown.globalsettings],
        path: undefined,
        'custom:46000010': true,
      }),
    ).toEqual([
      ['14000006', { kind: 'objects', objects: [wellKnown.globalsettings] }],
      ['17000077', { kind: 'integers', integers: [0x15000075n] }],
      ['21000001', { kind: 'device', device: { kind: 'boot' } }],
      ['22000002', { kind: 'string', text: '\\windows' }],
      ['23000003', { kind: 'object', object: '20000000-0000-4000-8000-00000000000a' }],
      ['25000020', { kind: 'integer', integer: 3n }],
      ['25000061', { kind: 'integer', integer: 2n }],
      ['26000022', { kind: 'boolean', on: true }],
      ['46000010', { kind: 'boolean', on: true }],
    ]);
  });

  it.each<{ name: string; type: number; values: Record<string, Setting> }>([
    { name: 'a name that is none', type: objectType.bootmgr, values: { timeOut: 3 } },
    { name: 'a name of another application', type: objectType.bootmgr, values: { nx: 'OptIn' } },
    { name: 'an unknown choice', type: objectType.osloader, values: { nx: 'Sometimes' } },
    { name: 'a number below zero', type: objectType.bootmgr, values: { timeout: -1 } },
    { name: 'half a number', type: objectType.bootmgr, values: { timeout: 0.5 } },
    { name: 'text for a switch', type: objectType.osloader, values: { winpe: 'Yes' } },
    { name: 'a number for text', type: objectType.osloader, values: { systemroot: 1 } },
    { name: 'text for a device', type: objectType.osloader, values: { osdevice: 'C:' } },
    { name: 'a device for text', type: objectType.osloader, values: { path: { kind: 'boot' } } },
    { name: 'numbers for objects', type: objectType.bootmgr, values: { displayorder: [1] } },
    { name: 'texts for a number', type: objectType.bootmgr, values: { timeout: ['1'] } },
  ])('refuses $name', ({ type, values }) => {
    expect(() => settings(type, values)).toThrow(expect.objectContaining({ code: 'bcd.setting' }));
  });

  it('refuses an object that has no GUID', () => {
    expect(() => bcdObject('{bootmgr}', objectType.bootmgr, {})).toThrow(
      expect.objectContaining({ code: 'bcd.guid' }),
    );
  });
});
