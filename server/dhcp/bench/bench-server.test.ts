import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetbootReport } from '../../netboot/snapshot.ts';
import { heardServer } from '../heard-server.ts';
import { option, options, readOption } from '../options.ts';
import type { DhcpPacket } from '../packet.ts';
import type { Arrival } from '../proxy.ts';
import {
  benchInterface,
  benchPool,
  benchSnapshot,
  clientMessage,
  selecting,
} from './bench.testing.ts';
import { type BenchAnswer, type BenchServer, makeBenchServer } from './bench-server.ts';
import type { Lease } from './lease-table.ts';
import type { Watch } from './watch.ts';

const own = benchInterface.address;
const arrival: Arrival = {
  interface: benchInterface,
  port: 'dhcp',
  from: { address: '0.0.0.0', port: 68 },
};
const LEASE_MS = 600_000;

/** Serves from the start, as one does that has heard no other server. */
function quietWatch(): Watch {
  let isOn = true;
  return {
    isServing: () => isOn,
    isOn: () => isOn,
    isOwn: () => false,
    start: () => {
      isOn = true;
    },
    stop: () => {
      isOn = false;
    },
    close: () => undefined,
  };
}

/** A server with a store that says when its disk has written. */
function setUp(last = '10.9.0.12') {
  const rows = new Map<string, Lease>();
  let writes: { readonly leases: readonly Lease[]; readonly settle: (error?: Error) => void }[] =
    [];
  const reports: NetbootReport[] = [];
  const answers: BenchAnswer[] = [];
  const clock = { nowMs: 1_000_000 };
  const snapshot = benchSnapshot([benchPool({ last })]);
  let server: BenchServer;
  const boot = () => {
    server = makeBenchServer({
      snapshot: () => snapshot,
      write: (leases) =>
        new Promise((done, failed) => {
          writes.push({
            leases,
            settle: (error) => (error === undefined ? done() : failed(error)),
          });
        }),
      onReport: (report) => reports.push(report),
      now: () => clock.nowMs,
      clockMs: () => clock.nowMs,
      watch: quietWatch,
    });
    server.open(benchInterface, () => undefined);
    server.load([...rows.values()]);
  };
  boot();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    rows,
    reports,
    answers,
    clock,
    server: () => server,
    /** Sends a message; `onReply` gets what is said to it, whenever that is. */
    send: (packet: DhcpPacket, onReply: (reply: DhcpPacket) => void) =>
      server.receive(packet, arrival, {
        send: (reply) => onReply(reply),
        onAnswer: (answer) => answers.push(answer),
      }),
    /** The disk has written what it was given, or not. */
    async flush(error?: Error) {
      for (let isMore = true; isMore; ) {
        const now = writes;
        writes = [];
        for (const { leases, settle } of now) {
          if (error === undefined) for (const lease of leases) rows.set(lease.address, lease);
          settle(error);
        }
        await turn();
        isMore = writes.length > 0;
      }
    },
    /** SIGKILL: what was not written is gone, and so is every promise that waits for it. */
    kill() {
      writes = [];
      boot();
    },
  };
}

/** Offer and acknowledgement of one client. */
async function lease(bench: ReturnType<typeof setUp>, client: number): Promise<DhcpPacket> {
  const replies: DhcpPacket[] = [];
  bench.send(clientMessage(client, 'discover'), (reply) => replies.push(reply));
  const offer = replies.pop();
  if (offer === undefined) throw new Error('no offer');
  const request = clientMessage(client, 'request', { options: selecting(own, offer.yiaddr) });
  bench.send(request, (reply) => replies.push(reply));
  await bench.flush();
  const ack = replies.pop();
  if (ack === undefined) throw new Error('no acknowledgement');
  return ack;
}

describe('M50 the DHCP server of a bench', () => {
  it('acknowledges an address when the store has it, and not before', async () => {
    const bench = setUp();
    const replies: DhcpPacket[] = [];
    bench.send(clientMessage(1, 'discover'), (reply) => replies.push(reply));
    const options1 = selecting(own, '10.9.0.10');
    bench.send(clientMessage(1, 'request', { options: options1 }), (reply) => replies.push(reply));
    expect(replies.map((reply) => readOption(reply, options.messageType))).toEqual(['offer']);
    await bench.flush();
    expect(replies.map((reply) => readOption(reply, options.messageType))).toEqual([
      'offer',
      'ack',
    ]);
    expect(bench.rows.get('10.9.0.10')).toMatchObject({
      mac: '52:54:00:00:00:01',
      state: 'leased',
    });
  });

  it('does not acknowledge what the disk cannot keep, and says so', async () => {
    const bench = setUp();
    const replies: DhcpPacket[] = [];
    const request = clientMessage(1, 'request', { options: selecting(own, '10.9.0.10') });
    bench.send(request, (reply) => replies.push(reply));
    await bench.flush(new Error('disk full'));
    expect(replies).toEqual([]);
    expect(bench.reports).toMatchObject([{ kind: 'socket-error', code: 'dhcp.lease-not-kept' }]);
    expect((await lease(bench, 2)).yiaddr).toBe('10.9.0.11');
    expect((await lease(bench, 3)).yiaddr, 'nobody has it').toBe('10.9.0.12');
    expect((await lease(bench, 4)).yiaddr, 'nobody has it').toBe('10.9.0.10');
  });

  it('writes a renewal at half of the lease not, one later', async () => {
    const bench = setUp();
    const { yiaddr } = await lease(bench, 1);
    const kept = bench.rows.get(yiaddr)?.untilMs;
    const renew = async () => {
      const replies: DhcpPacket[] = [];
      bench.send(clientMessage(1, 'request', { ciaddr: yiaddr }), (reply) => replies.push(reply));
      const atOnce = replies.length;
      await bench.flush();
      expect(replies).toHaveLength(1);
      return atOnce;
    };
    bench.clock.nowMs += LEASE_MS / 2;
    expect(await renew(), 'what the store has is enough').toBe(1);
    expect(bench.rows.get(yiaddr)?.untilMs).toBe(kept);
    bench.clock.nowMs += LEASE_MS / 2;
    expect(await renew()).toBe(0);
    expect(bench.rows.get(yiaddr)?.untilMs).toBe((kept ?? 0) + LEASE_MS);
  });

  it('stops when another DHCP server answers, until somebody starts it again', async () => {
    const bench = setUp();
    const { kind: _kind, ...foreign } = { kind: 'x', ...clientMessage(9, 'offer') };
    const offer: DhcpPacket = {
      ...foreign,
      op: 'reply',
      yiaddr: '10.9.0.77',
      options: [...foreign.options, option(options.serverIdentifier, '10.9.0.66')],
    };
    const heard = heardServer(offer, new Set([own]));
    if (heard === undefined) throw new Error('not heard');
    const request = clientMessage(1, 'discover');
    expect(bench.server().takes(request, benchInterface)).toBe(true);
    bench.server().heard(benchInterface, heard, offer);
    expect(bench.reports).toEqual([
      {
        kind: 'bench',
        atMs: bench.clock.nowMs,
        interfaceName: 'eth1',
        state: 'stopped',
        server: '10.9.0.66',
        reason:
          'Another DHCP server, 10.9.0.66, answers on eth1 (it gives 10.9.0.77 to 52:54:00:00:00:09): this one grants no addresses there any more.',
      },
    ]);
    expect(bench.server().takes(request, benchInterface), 'proxyDHCP answers now').toBe(false);
    bench.server().heard(benchInterface, heard, offer);
    expect(bench.reports, 'said once').toHaveLength(1);
    bench.server().start('eth1');
    expect(bench.server().takes(request, benchInterface)).toBe(true);
  });

  it('writes again what a machine has given back and takes again', async () => {
    const bench = setUp('10.9.0.10');
    await lease(bench, 1);
    bench.send(clientMessage(1, 'release', { ciaddr: '10.9.0.10' }), () => undefined);
    const again = clientMessage(1, 'request', { options: selecting(own, '10.9.0.10') });
    const replies: DhcpPacket[] = [];
    bench.send(again, (reply) => replies.push(reply));
    expect(replies, 'the store is about to forget it').toEqual([]);
    await bench.flush();
    expect(replies).toHaveLength(1);
    bench.kill();
    bench.send(clientMessage(2, 'discover'), (reply) => replies.push(reply));
    expect(replies, 'nothing is free').toHaveLength(1);
  });

  it('goes on beside a server that only tells what to boot, and what comes through a relay', () => {
    const bench = setUp();
    const proxied = { address: '10.9.0.66', pxe: true, grants: false, offered: null };
    bench.server().heard(benchInterface, proxied, clientMessage(9, 'offer', { op: 'reply' }));
    const relayed = clientMessage(9, 'offer', { op: 'reply', giaddr: '10.5.0.1' });
    bench.server().heard(benchInterface, { ...proxied, grants: true }, relayed);
    expect(bench.reports).toEqual([]);
  });

  it('never gives one address to two machines, whatever comes, also when it is killed', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('discover' as const), client: fc.nat(2) }),
      fc.record({ do: fc.constant('take' as const), client: fc.nat(2) }),
      fc.record({ do: fc.constant('renew' as const), client: fc.nat(2) }),
      fc.record({ do: fc.constant('come-back' as const), client: fc.nat(2) }),
      fc.record({ do: fc.constant('release' as const), client: fc.nat(2) }),
      fc.record({ do: fc.constant('decline' as const), client: fc.nat(2) }),
      fc.record({ do: fc.constant('pass' as const), ms: fc.nat(LEASE_MS) }),
      fc.record({ do: fc.constant('flush' as const) }),
      fc.record({ do: fc.constant('fail' as const) }),
      fc.record({ do: fc.constant('kill' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 80 }), async (steps) => {
        const bench = setUp('10.9.0.11');
        const twice: string[] = [];
        const offered = new Map<number, string>();
        const held = new Map<number, { address: string; untilMs: number }>();
        const onReply = (client: number, sentMs: number) => (reply: DhcpPacket) => {
          const type = readOption(reply, options.messageType);
          if (type === 'offer') offered.set(client, reply.yiaddr);
          if (type === 'nak') held.delete(client);
          if (type !== 'ack') return;
          for (const [other, { address, untilMs }] of held)
            if (other !== client && address === reply.yiaddr && untilMs > bench.clock.nowMs)
              twice.push(`${address} of ${other} given to ${client}`);
          held.set(client, { address: reply.yiaddr, untilMs: sentMs + LEASE_MS });
        };
        for (const one of steps) {
          const { nowMs } = bench.clock;
          if (one.do === 'pass') bench.clock.nowMs += one.ms;
          else if (one.do === 'flush') await bench.flush();
          else if (one.do === 'fail') await bench.flush(new Error('disk full'));
          else if (one.do === 'kill') bench.kill();
          else {
            const { client } = one;
            const mine = held.get(client);
            const wished = offered.get(client) ?? '10.9.0.11';
            const send = (packet: DhcpPacket) => bench.send(packet, onReply(client, nowMs));
            if (one.do === 'discover') send(clientMessage(client, 'discover'));
            if (one.do === 'take')
              send(clientMessage(client, 'request', { options: selecting(own, wished) }));
            if (one.do === 'come-back')
              send(
                clientMessage(client, 'request', {
                  options: [option(options.requestedAddress, mine?.address ?? wished)],
                }),
              );
            if (mine === undefined || mine.untilMs <= nowMs) continue;
            if (one.do === 'renew')
              send(clientMessage(client, 'request', { ciaddr: mine.address }));
            if (one.do !== 'release' && one.do !== 'decline') continue;
            // It uses the address no more, whatever the server hears of that.
            held.delete(client);
            if (one.do === 'release')
              send(clientMessage(client, 'release', { ciaddr: mine.address }));
            else send(clientMessage(client, 'decline', { options: selecting(own, mine.address) }));
          }
        }
        expect(twice).toEqual([]);
      }),
      { numRuns: Number(process.env['METALWRIGHT_PROPERTY_RUNS'] ?? 500) },
    );
  });
});
