import { expect, it } from 'vitest';
import { addressesFor, type HeardServers, noteServers, type SiteServer } from './live-servers.ts';

const server = (id: string, facts: Partial<SiteServer> = {}): SiteServer => ({
  id,
  name: id,
  addresses: [],
  bootPort: 7480,
  agentPort: 7443,
  version: '1',
  beat: 1,
  bootRevision: 0,
  viewRevision: 0,
  heartbeatMs: 0,
  ...facts,
});
const none: HeardServers = new Map();
const ids = (servers: readonly SiteServer[]) => servers.map(({ id }) => id);

it('counts a server as alive while its beat changes, whatever its clock says', () => {
  const first = noteServers(none, [server('b'), server('a')], { self: 'a', nowMs: 0 });
  expect(ids(first.live)).toEqual(['a', 'b']);
  expect(first.bootChanged).toBe(true);
  const rows = [server('a', { beat: 2 }), server('b', { heartbeatMs: 9e15 })];
  const still = noteServers(first.heard, rows, { self: 'a', nowMs: 5999 });
  expect(ids(still.live)).toEqual(['a', 'b']);
  expect(still.bootChanged).toBe(false);
  const dead = noteServers(still.heard, rows, { self: 'a', nowMs: 6000 });
  expect(ids(dead.live)).toEqual(['a']);
  expect(dead.bootChanged).toBe(true);
  expect(noteServers(dead.heard, rows, { self: 'a', nowMs: 7000 }).bootChanged).toBe(false);
  const back = [server('a'), server('b', { beat: 9 })];
  expect(noteServers(dead.heard, back, { self: 'a', nowMs: 8000 })).toMatchObject({
    bootChanged: true,
    live: [{ id: 'a' }, { id: 'b' }],
  });
});

it('tells what another server has changed, and not what this one has', () => {
  const rows = [server('a'), server('b')];
  const { heard } = noteServers(none, rows, { self: 'a', nowMs: 0 });
  const note = (next: readonly SiteServer[]) =>
    noteServers(heard, next, { self: 'a', nowMs: 1000 });
  const own = note([server('a', { bootRevision: 1, viewRevision: 3 }), server('b')]);
  expect(own).toMatchObject({ bootChanged: false, viewChanged: false });
  const view = note([server('a'), server('b', { viewRevision: 3 })]);
  expect(view).toMatchObject({ bootChanged: false, viewChanged: true });
  expect(note([server('a'), server('b', { bootRevision: 1 })]).bootChanged).toBe(true);
  expect(note([server('a')])).toMatchObject({ bootChanged: true, live: [{ id: 'a' }] });
});

it('names the addresses of a server in the network of who asks, else all', () => {
  const two = {
    addresses: [
      { address: '10.0.5.2', netmask: '255.255.255.0' },
      { address: '192.168.128.2', netmask: '255.255.128.0' },
    ],
  };
  const on = (address: string, netmask: string) => addressesFor(two, { address, netmask });
  expect(on('10.0.5.9', '255.255.255.0')).toEqual(['10.0.5.2']);
  expect(on('192.168.200.1', '255.255.128.0')).toEqual(['192.168.128.2']);
  expect(on('172.16.0.1', '255.255.0.0')).toEqual(['10.0.5.2', '192.168.128.2']);
  expect(addressesFor(two, undefined)).toHaveLength(2);
});
