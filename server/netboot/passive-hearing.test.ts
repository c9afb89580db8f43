import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { option, options } from '../dhcp/options.ts';
import { type DhcpPacket, formatPacket } from '../dhcp/packet.ts';
import { canBindToDevice, openUdpSocket } from './ffi-socket.ts';
import { startPassiveHearing } from './passive-hearing.ts';
import type { NetbootReport } from './snapshot.ts';

const ports = { dhcp: 47_067, dhcpClient: 47_068 };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const offer: DhcpPacket = {
  op: 'reply',
  htype: 1,
  hlen: 6,
  hops: 0,
  xid: 7,
  secs: 0,
  flags: 0x8000,
  ciaddr: '0.0.0.0',
  yiaddr: '192.0.2.50',
  siaddr: '0.0.0.0',
  giaddr: '0.0.0.0',
  chaddr: new Uint8Array(16),
  sname: '',
  file: '',
  options: [option(options.messageType, 'offer'), option(options.serverIdentifier, '192.0.2.1')],
};

/** Broadcasts on loopback, which is as far as it goes. */
async function broadcaster() {
  const socket = await openUdpSocket({ address: '127.0.0.1', port: 0, device: 'lo' });
  closing.push(() => socket.close());
  return (packet: Uint8Array, port: number) =>
    new Promise<void>((resolve, reject) => {
      socket.send(packet, port, '255.255.255.255', (error) =>
        error === null ? resolve() : reject(error),
      );
    });
}

it.skipIf(!canBindToDevice)(
  'hears who offers and whom clients choose, without taking unicasts',
  async () => {
    const reports: NetbootReport[] = [];
    let wake = () => {};
    let listed = 0;
    const hearing = startPassiveHearing({
      interfaces: () => {
        listed += 1;
        return [{ name: 'lo', address: '127.0.0.1', netmask: '255.0.0.0' }];
      },
      ports,
      nowMs: () => 1000,
      onReport: (report) => {
        reports.push(report);
        wake();
      },
      onError: (name, error) => {
        throw new Error(`${name}: ${error.message}`);
      },
    });
    closing.push(() => hearing.close());
    await hearing.ready;
    // This machine's own DHCP client, on the same port.
    const client = await openUdpSocket({
      address: '127.0.0.1',
      port: ports.dhcpClient,
      device: undefined,
    });
    closing.push(() => client.close());
    const send = await broadcaster();

    await send(Buffer.from('no DHCP at all'), ports.dhcpClient);
    await send(formatPacket(offer), ports.dhcpClient);
    const ownOffer = [
      option(options.messageType, 'offer'),
      option(options.serverIdentifier, '127.0.0.1'),
    ];
    await send(formatPacket({ ...offer, options: ownOffer }), ports.dhcpClient);
    const choice = [
      option(options.messageType, 'request'),
      option(options.serverIdentifier, '192.0.2.2'),
    ];
    await send(formatPacket({ ...offer, op: 'request', options: choice }), ports.dhcp);
    while (reports.length < 2) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    expect(listed, 'not for each packet').toBe(1);
    // Two sockets: which of them is read first is not said.
    const heard = { kind: 'heard-server', atMs: 1000, interfaceName: 'lo', pxe: false };
    const byAddress = reports.map((report) => JSON.stringify(report)).sort();
    expect(byAddress.map((text) => JSON.parse(text))).toEqual([
      expect.objectContaining({ ...heard, address: '192.0.2.1' }),
      expect.objectContaining({ ...heard, address: '192.0.2.2' }),
    ]);

    const unicast = once(client, 'message');
    const sender = await openUdpSocket({ address: '127.0.0.1', port: 0, device: undefined });
    closing.push(() => sender.close());
    sender.send('renewed', ports.dhcpClient, '127.0.0.1');
    expect(String((await unicast)[0])).toBe('renewed');
  },
);

it.skipIf(!canBindToDevice)('says once why it cannot listen', async () => {
  const errors: string[] = [];
  const hearing = startPassiveHearing({
    interfaces: () => [{ name: 'gone0', address: '192.0.2.9', netmask: '255.255.255.0' }],
    ports,
    nowMs: () => 0,
    onReport: () => {},
    onError: (name, error) => errors.push(`${name} ${error.code}`),
  });
  closing.push(() => hearing.close());
  await hearing.ready;
  expect(errors).toEqual(['gone0 netboot.no-interface']);
});
