import { describe, expect, it } from 'vitest';
import { DriverPack, fitPack, type PackMachine, packFitsWindows } from './driver-pack.ts';

const machine = (facts: Partial<PackMachine>): PackMachine => ({
  manufacturer: null,
  model: null,
  systemSku: null,
  baseBoardProduct: null,
  systemFamily: null,
  ...facts,
});
const dell = DriverPack.parse({
  vendor: 'dell',
  models: ['Latitude 5440'],
  systemSkus: ['0C45', '0CBB'],
});
const hp = DriverPack.parse({
  vendor: 'hp',
  models: ['EliteBook 840 G9'],
  baseBoards: ['8ab8'],
});
const lenovo = DriverPack.parse({
  vendor: 'lenovo',
  models: ['ThinkPad T14 Gen 4'],
  lenovoTypes: ['21HD', '21HE'],
});

describe('a driver pack is for a machine', () => {
  it.each([
    ['Dell by its system id', dell, { manufacturer: 'Dell Inc.', systemSku: '0cbb' }, 'system-sku'],
    ['Dell by its model', dell, { manufacturer: 'Dell Inc.', model: 'latitude  5440 ' }, 'model'],
    [
      'not Dell of another model',
      dell,
      { manufacturer: 'Dell Inc.', model: 'Latitude 5450' },
      null,
    ],
    ['not another maker with that code', dell, { manufacturer: 'HP', systemSku: '0CBB' }, null],
    ['HP by its board', hp, { manufacturer: 'HP', baseBoardProduct: '8AB8' }, 'baseboard'],
    [
      'HP by a model with its maker before it',
      hp,
      { manufacturer: 'HP', model: 'HP EliteBook 840 G9' },
      'model',
    ],
    [
      'HP of older firmware',
      hp,
      { manufacturer: 'Hewlett-Packard', baseBoardProduct: '8AB8' },
      'baseboard',
    ],
    ['Lenovo by its type', lenovo, { manufacturer: 'LENOVO', model: '21HDCTO1WW' }, 'lenovo-type'],
    [
      'Lenovo by its name',
      lenovo,
      { manufacturer: 'LENOVO', model: '21K3XXXX', systemFamily: 'ThinkPad T14 Gen 4' },
      'model',
    ],
    ['not a machine that says nothing', lenovo, {}, null],
  ] as const)('%s', (_, pack, facts, fit) => {
    expect(fitPack(pack, machine(facts))).toBe(fit);
  });

  it('of any maker where it names none, and of none where it names no machine', () => {
    const any = DriverPack.parse({ models: ['X1'] });
    expect(fitPack(any, machine({ manufacturer: 'Acme', model: 'x1' }))).toBe('model');
    expect(fitPack(DriverPack.parse({}), machine({ manufacturer: 'Acme', model: 'x1' }))).toBe(
      null,
    );
  });
});

describe('a driver pack is for a Windows', () => {
  const eleven = DriverPack.parse({ windows: ['windows-11'], architectures: ['x64'] });
  it.each([
    ['10.0.22631.1', 'x64', true],
    ['10.0.19045', 'x64', false],
    ['10.0.26100', 'arm64', false],
    ['6.1.7601', 'x64', false],
  ] as const)('%s %s: %s', (version, architecture, fits) => {
    expect(packFitsWindows(eleven, { version, architecture })).toBe(fits);
  });
  it('each, where it says nothing', () => {
    const windows = { version: '6.1.7601', architecture: 'x86' } as const;
    expect(packFitsWindows(DriverPack.parse({}), windows)).toBe(true);
  });
});
