import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { SmbiosGuid } from '#agent/protocol/identity.ts';
import { PLAIN_WISH } from '#boot/chain.ts';
import { createLiveState } from '../live-state.ts';
import { openUdpSocket } from './ffi-socket.ts';
import { type Netboot, startNetboot } from './netboot.ts';
import type { NetbootFrame, NetbootReport } from './snapshot.ts';

/** On loopback, with ports of its own; broadcasts do not come by there, so 4011's part is what is asked. */
const loopback = { name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0' };
const proxyRequest = Buffer.from(
  readFileSync(new URL('../dhcp/testdata/ovmf-proxy-request.hex', import.meta.url), 'utf8').trim(),
  'hex',
);
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

function snapshot(revision: number, changes: Partial<NetbootFrame> = {}): NetbootFrame {
  return {
    revision,
    answerOn: [loopback],
    unknown: { kind: 'boot', reason: `Revision ${revision}.`, wish: PLAIN_WISH },
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    bootImages: new Set(['uefi-x64']),
    windows: { images: [], wimboot: false, signers: new Map() },
    ports: { bootHttp: 7480 },
    ...changes,
  };
}

/** Four ports that were free a moment ago, below the range that other sockets get theirs from. */
async function freePorts() {
  const sockets = await Promise.all(
    Array.from({ length: 4 }, () =>
      openUdpSocket({ address: '127.0.0.1', port: 0, device: undefined }),
    ),
  );
  const [dhcp = 0, proxy = 0, tftp = 0, dhcpClient = 0] = sockets.map((s) => s.address().port);
  for (const socket of sockets) socket.close();
  return { dhcp, proxy, tftp, dhcpClient };
}

async function setUp() {
  const ports = await freePorts();
  const reports: NetbootReport[] = [];
  const live = createLiveState();
  const netboot: Netboot = startNetboot({
    ports,
    onReport: (report) => {
      live.noteReport(report);
      if (report.kind !== 'socket-state') reports.push(report);
    },
  });
  open.push(netboot);
  const client: Socket = createSocket('udp4');
  open.push(client);
  client.bind(0, '127.0.0.1');
  await once(client, 'listening');
  const ask = async (bytes: Uint8Array, port: number): Promise<Buffer> => {
    const answer = once(client, 'message');
    client.send(bytes, port, '127.0.0.1');
    const [message] = await answer;
    return message;
  };
  return { ports, reports, netboot, client, ask, live };
}

it('M50 M51 answers a boot request and serves the file from its worker', async () => {
  const { ports, reports, netboot, ask } = await setUp();
  netboot.publishFiles(new Map([['shimx64.efi', { kind: 'bytes', bytes: Buffer.from('MZ') }]]));
  await netboot.publish(snapshot(1));
  const ack = await ask(proxyRequest, ports.proxy);
  expect(ack.toString('latin1', 108, 119)).toBe('shimx64.efi');
  expect(ack.subarray(20, 24)).toEqual(Buffer.from([127, 0, 0, 1]));
  const data = await ask(Buffer.from('\0\u0001shimx64.efi\0octet\0', 'latin1'), ports.tftp);
  expect(data).toEqual(Buffer.from('\0\u0003\0\u0001MZ', 'latin1'));
  await expect.poll(() => reports.map(({ kind }) => kind)).toEqual(['decision', 'transfer']);
  expect(reports[0]).toMatchObject({
    kind: 'decision',
    interfaceName: 'lo',
    mac: '52:54:00:12:34:56',
    guid: '4c4c4544-0042-3510-8051-b4c04f4e4d31',
    architecture: 'uefi-x64',
    outcome: 'answered',
    reason: 'Revision 1. Boot image: Linux PE. It is told to fetch shimx64.efi.',
  });
});

it('decides by the newest snapshot, and answers nobody once no interface is listed', async () => {
  const { ports, reports, netboot, ask } = await setUp();
  await netboot.publish(snapshot(1));
  await ask(proxyRequest, ports.proxy);
  await netboot.publish(snapshot(2, { unknown: { kind: 'silent', reason: 'Not yet.' } }));
  const client = createSocket('udp4');
  open.push(client);
  client.send(proxyRequest, ports.proxy, '127.0.0.1');
  await expect.poll(() => reports.at(-1)).toMatchObject({ outcome: 'silent', reason: 'Not yet.' });
  await netboot.publish(snapshot(3, { answerOn: [] }));
  const probe = await openUdpSocket({ address: '127.0.0.1', port: ports.proxy, device: 'lo' });
  probe.close();
});

it('decides by a record once its table is whole, and by one that changes at once', async () => {
  const { ports, reports, netboot, ask, client } = await setUp();
  const record = (reason: string) => ({
    macs: [],
    guid: SmbiosGuid.parse('4c4c4544-0042-3510-8051-b4c04f4e4d31'),
    target: { deviceId: 'one', name: 'ONE', action: { kind: 'silent', reason } as const },
  });
  await netboot.publish(snapshot(1));
  netboot.publishDevices({ to: 'first', devices: [record('By the table.')], gone: [] });
  await ask(proxyRequest, ports.proxy);
  const silence = async (reason: string) => {
    client.send(proxyRequest, ports.proxy, '127.0.0.1');
    await expect.poll(() => reports.at(-1)).toMatchObject({ outcome: 'silent', reason });
  };
  await netboot.publish(snapshot(2), { whole: true });
  await silence('By the table.');
  netboot.publishDevices({ to: 'now', devices: [record('By the change.')], gone: [] });
  await silence('By the change.');
  netboot.publishDevices({ to: 'now', devices: [], gone: ['one'] });
  await ask(proxyRequest, ports.proxy);
});

it('reports a port in use with what to do, and goes on with the rest', async () => {
  const { ports, reports, netboot, ask } = await setUp();
  const other = await openUdpSocket({ address: '0.0.0.0', port: ports.tftp, device: undefined });
  open.push(other);
  await netboot.publish(snapshot(1));
  expect(reports).toEqual([
    expect.objectContaining({ kind: 'socket-error', code: 'netboot.port-in-use' }),
  ]);
  expect(reports[0]).toMatchObject({ reason: expect.stringContaining('"ss -ulpn" names it') });
  expect((await ask(proxyRequest, ports.proxy)).length).toBeGreaterThan(240);
});

it('shows the state of each interface and port as it is now', async () => {
  const { ports, netboot, live } = await setUp();
  const shown = () =>
    Object.fromEntries(live.listeners().map(({ address, ok, detail }) => [address, ok && detail]));
  const other = await openUdpSocket({ address: '0.0.0.0', port: ports.tftp, device: undefined });
  let release: () => unknown = () => other.close();
  open.push({ close: () => release() });
  await netboot.publish(snapshot(1));
  const dhcp = {
    [`127.0.0.1:${ports.dhcp}`]: 'lo DHCP',
    [`127.0.0.1:${ports.proxy}`]: 'lo proxyDHCP',
    [`127.0.0.1:${ports.dhcpClient}`]: 'lo DHCP ear',
  };
  expect(shown()).toEqual({ ...dhcp, 'netboot.port-in-use': false });
  release();
  release = () => undefined;
  await netboot.publish(snapshot(2)); // what could not be opened is tried again
  expect(shown()).toEqual({ ...dhcp, [`127.0.0.1:${ports.tftp}`]: 'lo TFTP' });
  await netboot.publish(snapshot(3, { answerOn: [] }));
  expect(shown()).toEqual({});
});

it('reports an interface that is not there once, and answers on the others', async () => {
  const { ports, reports, netboot, ask } = await setUp();
  const missing = { name: 'nosuch0', address: '10.255.255.1', netmask: '255.255.255.0' };
  await netboot.publish(snapshot(1, { answerOn: [missing, loopback] }));
  expect(new Set(reports.map((report) => report.kind === 'socket-error' && report.code))).toEqual(
    new Set(['netboot.no-interface']),
  );
  const count = reports.length;
  await netboot.publish(snapshot(2, { answerOn: [missing, loopback] }));
  expect(reports).toHaveLength(count);
  expect((await ask(proxyRequest, ports.proxy)).length).toBeGreaterThan(240);
});

it('lives through garbage on every port', async () => {
  const { ports, reports, netboot, client, ask } = await setUp();
  await netboot.publish(snapshot(1));
  const broken = Buffer.from(proxyRequest);
  broken[241] = 250;
  for (const port of [ports.dhcp, ports.proxy, ports.tftp]) {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(1400, 0xff), broken]) {
      client.send(bytes, port, '127.0.0.1');
    }
  }
  await expect
    .poll(() => reports.map((report) => report.kind === 'decision' && report.reason).join())
    .toContain('Its packet cannot be read: ');
  expect((await ask(proxyRequest, ports.proxy)).length).toBeGreaterThan(240);
});

it('starts the worker again when it dies, with the last snapshot and files', async () => {
  const { ports, reports, netboot, client, ask, live } = await setUp();
  netboot.publishFiles(new Map([['a', { kind: 'bytes', bytes: Buffer.from('A') }]]));
  // What no caller can write in TypeScript: the decision fails on it with a TypeError.
  const broken: NetbootFrame = { ...snapshot(1), ...JSON.parse('{"excludedMacs":null}') };
  await netboot.publish(broken);
  client.send(proxyRequest, ports.proxy, '127.0.0.1');
  await expect
    .poll(() => reports.at(-1))
    .toMatchObject({ code: 'netboot.worker', reason: expect.stringContaining('started again in') });
  expect(live.listeners()).toMatchObject([{ ok: false, address: 'netboot.worker' }]);
  // The new worker gets the broken snapshot first, then this one.
  await netboot.publish(snapshot(2));
  expect(live.listeners()).toHaveLength(4);
  expect(live.listeners().every(({ ok }) => ok)).toBe(true);
  expect((await ask(proxyRequest, ports.proxy)).length).toBeGreaterThan(240);
  const data = await ask(Buffer.from('\0\u0001a\0octet\0', 'latin1'), ports.tftp);
  expect(data).toEqual(Buffer.from('\0\u0003\0\u0001A', 'latin1'));
});
