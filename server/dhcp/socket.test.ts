import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PLAIN_WISH } from '#boot/chain.ts';
import type { DatagramPorts } from '../netboot/datagram-ports.ts';
import type { NetbootReport, NetbootSnapshot } from '../netboot/snapshot.ts';
import { makeBenchServer } from './bench/bench-server.ts';
import { options, readOption } from './options.ts';
import { parsePacket } from './packet.ts';
import { openProxySocket } from './socket.ts';

const on = { name: 'br0', address: '10.77.0.1', netmask: '255.255.255.0' };
const captured = (name: string): Buffer =>
  Buffer.from(readFileSync(new URL(`testdata/${name}.hex`, import.meta.url), 'utf8').trim(), 'hex');
const DELAY_MS = 80;

/** One port of a server that has all its datagrams from this test. */
async function openPort(role: 'dhcp' | 'proxy', offerDelayMs: number) {
  const snapshot: NetbootSnapshot = {
    revision: 1,
    answerOn: [on],
    byMac: new Map(),
    byGuid: new Map(),
    unknown: { kind: 'boot', reason: 'All are deployed.', wish: PLAIN_WISH },
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    bootImages: new Set(['uefi-x64']),
    windows: { images: [], wimboot: false, signers: new Map() },
    ports: { bootHttp: 7480 },
    offerDelayMs,
  };
  const sent: { readonly bytes: Uint8Array; readonly afterMs: number }[] = [];
  const reports: NetbootReport[] = [];
  let arrived: Parameters<DatagramPorts['open']>[0]['onDatagram'] = () => {};
  let askedMs = 0;
  const shared = { snapshot: () => snapshot, now: () => 1000 };
  const onReport = (report: NetbootReport) => void reports.push(report);
  await openProxySocket({
    ...shared,
    onReport,
    interface: on,
    port: role === 'dhcp' ? 67 : 4011,
    role,
    onSent: () => {},
    bench: makeBenchServer({ ...shared, onReport, write: async () => {} }),
    datagramPorts: {
      async open({ onDatagram }) {
        arrived = onDatagram;
        return {
          send: (bytes) =>
            void sent.push({ bytes: Uint8Array.from(bytes), afterMs: performance.now() - askedMs }),
          address: () => ({ address: on.address, port: 67 }),
          close: () => {},
        };
      },
    },
  });
  return {
    sent,
    reports,
    ask: (name: string, address: string) => {
      askedMs = performance.now();
      arrived(captured(name), { address, port: 68 });
    },
  };
}

it('M50 an offer waits as long as the response delay says, so that other servers are first', async () => {
  const { sent, reports, ask } = await openPort('dhcp', DELAY_MS);
  ask('ovmf-discover', '0.0.0.0');
  expect(sent).toEqual([]);
  expect(reports, 'what is decided is told at once').toMatchObject([
    { kind: 'decision', outcome: 'answered' },
  ]);
  await expect.poll(() => sent.length).toBe(1);
  // A timer may be a millisecond early.
  expect(sent[0]?.afterMs).toBeGreaterThanOrEqual(DELAY_MS - 2);
  const offer = parsePacket(sent[0]?.bytes ?? new Uint8Array());
  expect(readOption(offer, options.messageType)).toBe('offer');
});

it('M50 who asks this server by its name, and where there is no delay, is answered at once', async () => {
  const proxy = await openPort('proxy', DELAY_MS);
  proxy.ask('ovmf-proxy-request', '10.77.0.58');
  expect(proxy.sent).toHaveLength(1);
  const dhcp = await openPort('dhcp', 0);
  dhcp.ask('ovmf-discover', '0.0.0.0');
  expect(dhcp.sent).toHaveLength(1);
});
