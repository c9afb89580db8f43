import { describe, expect, it } from 'vitest';
import type { WindowsBoot } from '#boot/windows-tree.ts';
import { WindowsClients } from './windows-clients.ts';

const tftp = { blockSize: 1456, windowSize: 4 };
const boot = (image: string, signer: WindowsBoot['signer'] = '2011'): WindowsBoot => ({
  image,
  firmware: 'uefi',
  signer,
  tftp,
});
const minute = 60_000;
const M1 = { machine: 'm1', mac: '02:00:00:00:00:01' };

describe('M50 which image a client address was sent to', () => {
  it('keeps two machines apart', () => {
    const clients = new WindowsClients();
    clients.sent('10.0.0.1', boot('A'), M1, 0);
    clients.fetches('10.0.0.2', boot('B'), 0);
    expect(clients.bootOf('10.0.0.1', 1)?.image).toBe('A');
    expect(clients.bootOf('10.0.0.2', 1)?.image).toBe('B');
    expect(clients.bootOf('10.0.0.3', 1)).toBeUndefined();
  });

  it('forgets after an hour without a request, and when something else is started', () => {
    const clients = new WindowsClients();
    clients.sent('10.0.0.1', boot('A'), M1, 0);
    clients.asks('10.0.0.1', 50 * minute);
    expect(clients.bootOf('10.0.0.1', 100 * minute)?.image).toBe('A');
    expect(clients.bootOf('10.0.0.1', 111 * minute)).toBeUndefined();
    clients.sent('10.0.0.1', boot('A'), M1, 200 * minute);
    clients.forget('10.0.0.1');
    expect(clients.bootOf('10.0.0.1', 200 * minute)).toBeUndefined();
  });

  it('is bounded: the oldest goes', () => {
    const clients = new WindowsClients();
    for (let at = 0; at < 5000; at += 1)
      clients.sent(`10.0.${at >> 8}.${at & 255}`, boot('A'), M1, at);
    expect(clients.bootOf('10.0.0.0', 5000)).toBeUndefined();
    expect(clients.bootOf('10.0.19.135', 5000)?.image).toBe('A');
  });
});

describe('M50 what came of a boot manager', () => {
  it('notices one that was fetched whole and never ran, once', () => {
    const clients = new WindowsClients();
    clients.sent('10.0.0.1', boot('A', '2023'), M1, 0);
    clients.fetches('10.0.0.1', boot('A', '2023'), 1000);
    clients.hasLoader('10.0.0.1', 2000);
    expect(clients.silent(61_999)).toEqual([]);
    expect(clients.silent(62_000)).toEqual([
      { ...M1, image: 'A', signer: '2023', outcome: 'refused' },
    ]);
    expect(clients.silent(10 * minute)).toEqual([]);
  });

  it.each(['asks', 'fetches'] as const)('is content with one that goes on: %s', (next) => {
    const clients = new WindowsClients();
    clients.sent('10.0.0.1', boot('A'), M1, 0);
    clients.hasLoader('10.0.0.1', 1000);
    if (next === 'asks') clients.asks('10.0.0.1', 3000);
    else clients.fetches('10.0.0.1', boot('A'), 3000);
    expect(clients.silent(10 * minute)).toEqual([]);
  });

  it('tells that a boot image has come over whole', () => {
    const clients = new WindowsClients();
    clients.sent('10.0.0.1', boot('A'), M1, 0);
    clients.hasLoader('10.0.0.1', 1000);
    clients.asks('10.0.0.1', 2000);
    expect(clients.hasImage('10.0.0.1', 3000)).toEqual({
      ...M1,
      image: 'A',
      signer: '2011',
      outcome: 'loaded',
    });
  });

  it('says nothing of a machine that is known by its address alone, or of a BIOS', () => {
    const clients = new WindowsClients();
    clients.fetches('10.0.0.1', boot('A'), 0);
    clients.hasLoader('10.0.0.1', 0);
    clients.sent('10.0.0.2', boot('A', null), { machine: 'm2', mac: null }, 0);
    clients.hasLoader('10.0.0.2', 0);
    expect(clients.silent(10 * minute)).toEqual([]);
    expect(clients.hasImage('10.0.0.1', 1)).toBeUndefined();
  });
});
