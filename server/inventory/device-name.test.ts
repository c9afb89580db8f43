import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MacAddress } from '#agent/protocol/identity.ts';
import {
  LONGEST_NAME,
  makeName,
  type NamedDevice,
  parsePattern,
  withSuffix,
} from './device-name.ts';
import { fitsPort, fitsScope } from './device-scope.ts';

const latitude: NamedDevice = {
  serialNumber: '7HK4W93',
  macAddresses: [MacAddress.parse('b0:7b:25:00:01:0a')],
  model: 'Latitude 5530',
  manufacturer: 'Dell Inc.',
  assetTag: 'A-0042',
  smbiosGuid: null,
  seenAt: {
    atMs: 1,
    address: '10.0.5.20',
    interfaceName: 'bench0',
    relay: '10.0.5.1',
    port: 'eth1/7',
    switchId: 'sw-3',
  },
};
const named = (pattern: string, device: Partial<NamedDevice> = {}, count = 1) => {
  const made = makeName(parsePattern(pattern), { ...latitude, ...device }, count);
  return made.kind === 'name' ? made.name : made.reason;
};

describe('M57 names by rule', () => {
  it.each([
    ['PC-{serial:last4}', 'PC-4W93'],
    ['{model:first3}-{mac:last6:upper}', 'Lat-00010A'],
    ['{asset-tag}', 'A-0042'],
    ['LAB-{counter:3}', 'LAB-001'],
    ['{switch}-{port}', 'sw-3-eth17'],
    ['{make:lower:first4}{serial}', 'dell7HK4W93'],
  ])('%s makes %s', (pattern, name) => expect(named(pattern)).toBe(name));

  it('takes the end of what is too long, and leaves the rest of the pattern whole', () => {
    expect(named('PC-{serial}', { serialNumber: 'VMware-56 4d 1f 2e 33 44 55 66' })).toBe(
      'PC-1f2e33445566',
    );
  });

  it.each([
    ['PC-{serial}', { serialNumber: null }, 'the machine has no serial'],
    ['{serial}', { serialNumber: '1234567' }, '1234567 has digits only, which Windows refuses'],
    ['{serial}', { serialNumber: ' -- ' }, 'nothing is left of it'],
  ])('%s makes none of %o', (pattern, device, reason) =>
    expect(named(pattern, device)).toBe(reason),
  );

  it('ends with the last number of a counter', () => {
    expect(named('{counter:2}X', {}, 99)).toBe('99X');
    expect(named('{counter:2}X', {}, 100)).toBe('it has counted to 99 already');
  });

  it.each([
    'PC',
    'PC {serial}',
    '{serial',
    '{nope}',
    '{serial:middle3}',
    '{counter:12}',
    'A-VERY-LONG-START-{serial}',
    '{counter}{counter}',
    '{}',
  ])('refuses the pattern %j by code', (pattern) =>
    expect(() => parsePattern(pattern)).toThrow(
      expect.objectContaining({ code: 'naming.pattern' }),
    ),
  );

  it('makes only names that Windows takes, whatever machines call themselves', () => {
    const pattern = fc.constantFrom(
      'PC-{serial}',
      '{model}-{counter:2}',
      '{asset-tag:last5}{port}',
    );
    fc.assert(
      fc.property(pattern, fc.string(), fc.string(), (text, serialNumber, model) => {
        const device = { ...latitude, serialNumber, model, assetTag: serialNumber };
        const made = makeName(parsePattern(text), device, 7);
        if (made.kind === 'none') return;
        expect(made.name).toMatch(/^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/);
        expect(made.name).toMatch(/[^\d]/);
        expect(made.name.length).toBeLessThanOrEqual(LONGEST_NAME);
        expect(withSuffix(made.name, 12).length).toBeLessThanOrEqual(LONGEST_NAME);
      }),
    );
  });
});

describe('M57 which machines a scope is for', () => {
  it.each([
    ['eth1/1-24', 'eth1/7', true],
    ['eth1/1-24', 'Eth1/24', true],
    ['eth1/1-24', 'eth1/25', false],
    ['eth1/1-24', 'eth2/7', false],
    ['eth1/1-24', 'eth1/1-24', true],
    ['eth1/7', 'eth1/7', true],
    ['eth1/7', 'eth1/71', false],
    ['eth1/7', null, false],
  ])('port %s and %s: %s', (range, port, fits) => expect(fitsPort(range, port)).toBe(fits));

  it('asks all that is named, and what is not known does not fit', () => {
    expect(fitsScope({}, latitude)).toBe(true);
    expect(
      fitsScope({ subnets: ['10.0.4.0/24', '10.0.5.0/24'], relay: '10.0.5.1' }, latitude),
    ).toBe(true);
    expect(fitsScope({ subnets: ['10.0.5.0/24'], relay: '10.0.6.1' }, latitude)).toBe(false);
    expect(fitsScope({ model: 'dell inc. lat*' }, latitude)).toBe(true);
    expect(fitsScope({ model: 'latitude 5530' }, latitude)).toBe(true);
    expect(fitsScope({ model: 'lat' }, latitude)).toBe(false);
    expect(fitsScope({ subnets: ['10.0.5.0/24'] }, { ...latitude, seenAt: null })).toBe(false);
  });
});
