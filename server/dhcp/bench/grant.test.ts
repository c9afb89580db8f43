import { describe, expect, it } from 'vitest';
import { option, options, rawOption, readOption } from '../options.ts';
import { formatPacket, parsePacket } from '../packet.ts';
import { chooseBoot } from '../proxy.ts';
import { readPxeClient } from '../pxe-client.ts';
import {
  benchInterface,
  benchPool,
  benchSnapshot,
  clientMessage,
  selecting,
} from './bench.testing.ts';
import { clientKey, DECLINED_MS, decideGrant, type GrantParts } from './grant.ts';
import { type Binding, makeLeaseTable } from './lease-table.ts';
import { type BenchPool, poolOf } from './pool.ts';
import { grantDestination, makeGrantReply } from './reply.ts';

const own = benchInterface.address;
const nowMs = 1_000_000;
const pool = benchPool({ router: '10.9.0.254', dnsServers: ['10.9.0.1'], domain: 'bench.test' });

function parts(changes: Partial<GrantParts> = {}): GrantParts {
  return {
    pool,
    leases: makeLeaseTable(),
    serverAddress: own,
    reserved: undefined,
    taken: new Set(),
    hostName: 'PC-1',
    nowMs,
    ...changes,
  };
}

/** A table in which clients have addresses, by the last numbers of both. */
function tableOf(held: Readonly<Record<number, number>>, more: Partial<Binding> = {}) {
  const table = makeLeaseTable();
  for (const [client, last] of Object.entries(held))
    table.put({
      address: `10.9.0.${last}`,
      client: clientKey(clientMessage(Number(client), 'discover')),
      mac: '',
      hostName: '',
      state: 'leased',
      untilMs: nowMs + 300_000,
      keptUntilMs: nowMs + 300_000,
      ...more,
    });
  return table;
}
const wish = (address: string) => [option(options.requestedAddress, address)];

describe('M50 what a client of the bench is offered (RFC 2131, 4.3.1)', () => {
  it.each([
    { name: 'the first that nobody has', held: {}, gets: '10.9.0.10' },
    { name: 'the one it has', held: { 1: 12 }, gets: '10.9.0.12' },
    { name: 'the one it asks for', held: {}, wished: '10.9.0.11', gets: '10.9.0.11' },
    {
      name: 'another where that is taken',
      held: { 2: 11 },
      wished: '10.9.0.11',
      gets: '10.9.0.10',
    },
    { name: 'another where that is outside', held: {}, wished: '10.9.0.200', gets: '10.9.0.10' },
    { name: 'what is reserved for it', held: { 1: 12 }, reserved: '10.9.0.99', gets: '10.9.0.99' },
    {
      name: 'its own where the reserved one is in use',
      held: { 1: 12, 2: 11 },
      reserved: '10.9.0.11',
      gets: '10.9.0.12',
    },
    {
      name: 'none that is reserved for others',
      held: { 2: 10, 3: 11 },
      taken: ['10.9.0.12'],
      gets: undefined,
    },
    { name: 'nothing of a full pool', held: { 2: 10, 3: 11, 4: 12 }, gets: undefined },
  ])('$name', ({ held, gets, ...more }) => {
    const request = clientMessage(1, 'discover', {
      options: more.wished === undefined ? [] : wish(more.wished),
    });
    const grant = decideGrant(
      request,
      parts({
        leases: tableOf(held),
        reserved: more.reserved,
        taken: new Set([...(more.taken ?? []), ...(more.reserved ? [more.reserved] : [])]),
      }),
    );
    expect(grant).toMatchObject(
      gets === undefined ? { kind: 'ignore' } : { kind: 'offer', address: gets },
    );
  });

  it('gives the address that is free for the longest time once all were used', () => {
    const leases = makeLeaseTable();
    for (const [last, untilMs] of [
      [10, 500],
      [11, 300],
      [12, 400],
    ] as const)
      leases.put({
        address: `10.9.0.${last}`,
        client: `c${last}`,
        mac: '',
        hostName: '',
        state: 'leased',
        untilMs,
        keptUntilMs: untilMs,
      });
    expect(decideGrant(clientMessage(1, 'discover'), parts({ leases, nowMs: 1000 }))).toMatchObject(
      {
        address: '10.9.0.10',
      },
    );
    const loaded = makeLeaseTable(
      [...leases.all()].map(({ keptUntilMs: _kept, ...lease }) => ({
        ...lease,
        state: 'leased' as const,
      })),
    );
    expect(
      decideGrant(clientMessage(1, 'discover'), parts({ leases: loaded, nowMs: 1000 })),
      'of a store that was read anew: by when they ended',
    ).toMatchObject({ address: '10.9.0.11' });
  });

  it('tells two boards with one UUID apart, and one machine in firmware and system', () => {
    const id = option(options.clientIdentifier, Uint8Array.of(0, 1, 2, 3));
    const one = clientKey(clientMessage(1, 'discover', { options: [id] }));
    expect(one).not.toBe(clientKey(clientMessage(2, 'discover', { options: [id] })));
    expect(one).not.toBe(clientKey(clientMessage(1, 'discover')));
  });
});

describe('M50 a request for an address (RFC 2131, 4.3.2)', () => {
  it.each([
    {
      name: 'SELECTING what was offered',
      held: { 1: 10 },
      options: selecting(own, '10.9.0.10'),
      says: 'ack',
    },
    {
      name: 'SELECTING what another one has',
      held: { 2: 10 },
      options: selecting(own, '10.9.0.10'),
      says: 'nak',
    },
    {
      name: "SELECTING another server's offer",
      held: {},
      options: selecting('10.9.0.66', '10.9.0.77'),
      says: 'ignore',
    },
    { name: 'INIT-REBOOT with its own', held: { 1: 10 }, options: wish('10.9.0.10'), says: 'ack' },
    { name: 'INIT-REBOOT in another network', held: {}, options: wish('192.168.1.7'), says: 'nak' },
    {
      name: 'INIT-REBOOT with one that is free',
      held: {},
      options: wish('10.9.0.11'),
      says: 'ack',
    },
    {
      name: 'INIT-REBOOT with one outside of the pool',
      held: {},
      options: wish('10.9.0.200'),
      says: 'nak',
    },
    { name: 'RENEWING its own', held: { 1: 10 }, ciaddr: '10.9.0.10', says: 'ack' },
    {
      name: 'RENEWING its own that the pool has no more',
      held: { 1: 40 },
      ciaddr: '10.9.0.40',
      says: 'ack',
    },
    { name: 'RENEWING what the store has forgotten', held: {}, ciaddr: '10.9.0.10', says: 'ack' },
    { name: "REBINDING another one's", held: { 2: 10 }, ciaddr: '10.9.0.10', says: 'nak' },
    { name: 'no address at all', held: {}, says: 'ignore' },
  ])('$name: $says', ({ held, says, ciaddr = '0.0.0.0', ...more }) => {
    const request = clientMessage(1, 'request', { ciaddr, options: more.options ?? [] });
    const leases = tableOf(held);
    expect(decideGrant(request, parts({ leases })).kind).toBe(says);
  });

  it('frees what was offered when the client takes the offer of another server', () => {
    const leases = tableOf({ 1: 10 }, { state: 'offered', keptUntilMs: 0 });
    const request = clientMessage(1, 'request', { options: selecting('10.9.0.66', '10.9.0.77') });
    expect(decideGrant(request, parts({ leases }))).toMatchObject({
      kind: 'noted',
      binding: { address: '10.9.0.10', untilMs: nowMs },
    });
  });

  it('keeps a declined address out for an hour, and takes that from nobody else', () => {
    const leases = tableOf({ 1: 10 });
    const other = clientMessage(2, 'decline', { options: selecting(own, '10.9.0.10') });
    expect(decideGrant(other, parts({ leases })).kind).toBe('ignore');
    const grant = decideGrant(
      clientMessage(1, 'decline', { options: selecting(own, '10.9.0.10') }),
      parts({ leases }),
    );
    expect(grant).toMatchObject({ kind: 'noted', binding: { state: 'declined', client: '' } });
    if (grant.kind === 'noted') leases.put(grant.binding);
    const again = decideGrant(clientMessage(1, 'discover'), parts({ leases }));
    expect(again).toMatchObject({ kind: 'offer', address: '10.9.0.11' });
    const wanted = clientMessage(1, 'request', { options: wish('10.9.0.10') });
    expect(decideGrant(wanted, parts({ leases })).kind).toBe('nak');
    const later = parts({ leases, nowMs: nowMs + DECLINED_MS });
    expect(decideGrant(wanted, later).kind).toBe('ack');
  });

  it('takes a release of the owner only', () => {
    const leases = tableOf({ 1: 10 });
    const ciaddr = '10.9.0.10';
    expect(decideGrant(clientMessage(2, 'release', { ciaddr }), parts({ leases })).kind).toBe(
      'ignore',
    );
    expect(decideGrant(clientMessage(1, 'release', { ciaddr }), parts({ leases }))).toMatchObject({
      binding: { state: 'released', untilMs: nowMs },
    });
  });
});

describe('M50 the pool of a request', () => {
  const far: BenchPool = {
    ...pool,
    relayed: true,
    network: { address: '10.5.0.0', netmask: '255.255.0.0' },
    first: '10.5.1.1',
    last: '10.5.1.9',
  };
  const pools = { pools: [pool, far] };
  it.each([
    { name: 'straight from the wire', changes: {}, of: pool },
    { name: 'through a relay', changes: { giaddr: '10.5.0.1' }, of: far },
    { name: 'through a relay of no pool', changes: { giaddr: '10.6.0.1' }, of: undefined },
    { name: 'a renewal from behind the relay', changes: { ciaddr: '10.5.1.4' }, of: far },
    {
      name: 'through a relay that names the subnet (RFC 3527)',
      changes: {
        giaddr: '192.0.2.1',
        options: [option(options.relayAgentInformation, Uint8Array.of(5, 4, 10, 5, 0, 0, 1, 1, 7))],
      },
      of: undefined,
    },
    {
      name: 'through a relay that names an address of the subnet (RFC 3527)',
      changes: {
        giaddr: '192.0.2.1',
        options: [option(options.relayAgentInformation, Uint8Array.of(1, 1, 7, 5, 4, 10, 5, 0, 1))],
      },
      of: far,
    },
  ])('$name', ({ changes, of }) => {
    expect(poolOf(clientMessage(1, 'discover', changes), pools, benchInterface)).toBe(of);
    expect(poolOf(clientMessage(1, 'discover', changes), pools, { name: 'eth2' })).toBeUndefined();
  });
});

describe('M50 the answer of the bench', () => {
  const pxe = [
    option(options.vendorClass, 'PXEClient:Arch:00007:UNDI:003016'),
    option(options.clientArchitecture, [7]),
    option(options.parameterRequestList, Uint8Array.of(1, 3, 66, 67)),
  ];
  const answerTo = (request: ReturnType<typeof clientMessage>, of = pool) => {
    const snapshot = benchSnapshot([of]);
    const grant = decideGrant(request, parts({ pool: of }));
    if (grant.kind === 'ignore' || grant.kind === 'noted') throw new Error(grant.reason);
    const client = readPxeClient(request);
    const boot = client === undefined ? undefined : chooseBoot(client, snapshot);
    const reply = makeGrantReply(request, grant, {
      pool: of,
      serverAddress: own,
      hostName: 'PC-1',
      boot:
        client === undefined || boot?.kind !== 'boot' ? undefined : { client, choice: boot.choice },
      snapshot,
    });
    // As it goes over the wire.
    return { reply: parsePacket(formatPacket(reply)), to: grantDestination(request, grant.kind) };
  };

  it('has the address, all that goes with it, and what to boot in one packet', () => {
    const { reply, to } = answerTo(clientMessage(1, 'discover', { options: pxe }));
    expect(to).toEqual({ address: '255.255.255.255', port: 68 });
    expect(reply).toMatchObject({ yiaddr: '10.9.0.10', siaddr: own, file: 'shimx64.efi' });
    expect(readOption(reply, options.leaseTime)).toBe(600);
    expect(readOption(reply, options.renewalTime)).toBe(300);
    expect(readOption(reply, options.rebindingTime)).toBe(525);
    expect(readOption(reply, options.subnetMask)).toBe('255.255.255.0');
    expect(readOption(reply, options.broadcastAddress)).toBe('10.9.0.255');
    expect(readOption(reply, options.routers)).toEqual(['10.9.0.254']);
    expect(readOption(reply, options.dnsServers)).toEqual(['10.9.0.1']);
    expect(readOption(reply, options.hostName)).toBe('PC-1');
    expect(readOption(reply, options.domainName)).toBe('bench.test');
    expect(readOption(reply, options.serverIdentifier)).toBe(own);
    expect(readOption(reply, options.tftpServerName)).toBe(own);
    expect(readOption(reply, options.bootFile)).toBe('shimx64.efi');
    expect(rawOption(reply, options.vendorSpecific)).toBeUndefined();
  });

  it('sends a machine on to its disk by the menu of PXE, with its address', () => {
    const request = clientMessage(1, 'discover', { options: pxe });
    const grant = decideGrant(request, parts({ pool }));
    if (grant.kind !== 'offer') throw new Error(grant.kind);
    const told = { pool, serverAddress: own, hostName: null, boot: undefined };
    const answer = (vendorClass: 'PXEClient' | 'HTTPClient') =>
      makeGrantReply(request, grant, {
        ...told,
        toDisk: { vendorClass },
        snapshot: benchSnapshot([pool]),
      });
    const reply = answer('PXEClient');
    expect(reply).toMatchObject({ yiaddr: '10.9.0.10', file: '' });
    expect(readOption(reply, options.vendorClass)).toBe('PXEClient');
    // Discovery control, and a menu of boot server type 0.
    const menu = Buffer.from(rawOption(reply, options.vendorSpecific) ?? []).toString('hex');
    expect(menu).toMatch(/^06010309160000/);
    const http = answer('HTTPClient');
    expect(readOption(http, options.vendorClass)).toBe('HTTPClient');
    expect(readOption(http, options.bootFile)).toMatch(/^http:\S+\/boot\/start-from-disk$/);
    expect(rawOption(http, options.vendorSpecific)).toBeUndefined();
  });

  it('has nothing to boot for a client that does not ask for that', () => {
    const { reply } = answerTo(clientMessage(1, 'discover'));
    expect(reply).toMatchObject({ yiaddr: '10.9.0.10', siaddr: '0.0.0.0', file: '' });
  });

  it('goes back through the relay, with its own option 82 as the last, and the relay as router', () => {
    const circuit = Uint8Array.of(1, 3, 0x67, 0x65, 0x31);
    const request = clientMessage(1, 'discover', {
      giaddr: '10.9.0.253',
      options: [option(options.relayAgentInformation, circuit)],
    });
    const { reply, to } = answerTo(request, { ...pool, relayed: true, router: null });
    expect(to).toEqual({ address: '10.9.0.253', port: 67 });
    expect(reply.giaddr).toBe('10.9.0.253');
    expect(reply.options.at(-1)).toEqual({ code: 82, value: circuit });
    expect(readOption(reply, options.routers)).toEqual(['10.9.0.253']);
  });

  it.each([
    { name: 'a renewal to the client', request: { ciaddr: '10.9.0.10' }, to: '10.9.0.10' },
    { name: 'a refusal to all', request: { ciaddr: '192.168.7.7' }, to: '255.255.255.255' },
    {
      name: 'a refusal behind a relay to the relay',
      request: { ciaddr: '192.168.7.7', giaddr: '10.9.0.253' },
      to: '10.9.0.253',
    },
  ])('sends $name', ({ request, to: address }) => {
    const answer = answerTo(clientMessage(1, 'request', request));
    expect(answer.to.address).toBe(address);
    const isNak = readOption(answer.reply, options.messageType) === 'nak';
    expect(isNak).toBe(request.ciaddr !== '10.9.0.10');
    expect(answer.reply.flags).toBe('giaddr' in request ? 0x8000 : 0);
    expect(readOption(answer.reply, options.leaseTime)).toBe(isNak ? undefined : 600);
  });

  it('answers an INFORM with options, and no address or times', () => {
    const { reply } = answerTo(clientMessage(1, 'inform', { ciaddr: '10.9.0.44' }));
    expect(readOption(reply, options.messageType)).toBe('ack');
    expect(reply).toMatchObject({ yiaddr: '0.0.0.0', ciaddr: '10.9.0.44' });
    expect(readOption(reply, options.leaseTime)).toBeUndefined();
    expect(readOption(reply, options.subnetMask)).toBe('255.255.255.0');
  });
});
