import { expect, it } from 'vitest';
import { type NetbootServers, serverBefore } from './first-server.ts';

const live = ['a', 'b', 'c'].map((id, index) => ({
  id,
  name: `server-${id}`,
  addresses: [{ address: `10.0.5.${index + 2}`, netmask: '255.255.255.0' }],
}));
const seen = (self: string, servers = live): NetbootServers => ({ self, live: servers });
const network = { address: '10.0.5.2', netmask: '255.255.255.0' };
const macs = Array.from(
  { length: 300 },
  (_, index) => `52:54:00:00:${(index >> 8).toString(16)}:${(index & 255).toString(16)}`,
);
const answering = (key: string, servers = live, secs = 0) =>
  servers.filter(({ id }) => serverBefore({ key, secs, network }, seen(id, servers)) === undefined);

it('M57 exactly one of the live servers answers a client, each its share', () => {
  const shares = Map.groupBy(macs, (mac) => {
    const all = answering(mac);
    expect(all).toHaveLength(1);
    return all[0]?.id;
  });
  for (const { id } of live) expect(shares.get(id)?.length).toBeGreaterThan(70);
});

it('M57 only the clients of a server that is gone go to another', () => {
  const left = live.filter(({ id }) => id !== 'b');
  for (const mac of macs) {
    const [before] = answering(mac);
    const [after] = answering(mac, left);
    if (before?.id === 'b') expect(after).toBeDefined();
    else expect(after?.id).toBe(before?.id);
  }
});

it('M57 anyone answers a client that has tried for more than 4 seconds', () => {
  expect(answering('52:54:00:00:00:01', live, 4)).toHaveLength(1);
  expect(answering('52:54:00:00:00:01', live, 5)).toHaveLength(3);
});

it('does not wait for a server that is not in the network of the client', () => {
  const far = { address: '192.168.7.1', netmask: '255.255.255.0' };
  for (const key of macs)
    expect(serverBefore({ key, secs: 0, network: far }, seen('a'))).toBeUndefined();
  const relayed = macs.filter((key) =>
    serverBefore({ key, secs: 0, network: undefined }, seen('a')),
  );
  expect(relayed.length).toBeGreaterThan(150);
});
