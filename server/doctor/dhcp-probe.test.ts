import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { option, options, readOption } from '../dhcp/options.ts';
import { formatPacket, parsePacket } from '../dhcp/packet.ts';
import { probeDhcp } from './dhcp-probe.ts';

/** A DHCP server of our own on loopback: answers each DISCOVER with the given offers. */
async function foreignServer(offers: readonly { address: string; file: string }[]) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  onTestFinished(() => void socket.close());
  await once(socket, 'listening');
  const discovers: (string | undefined)[] = [];
  socket.on('message', (datagram, from) => {
    const request = parsePacket(datagram);
    discovers.push(readOption(request, options.messageType));
    socket.send(Buffer.from('noise'), from.port, from.address);
    for (const { address, file } of offers) {
      const reply = {
        ...request,
        op: 'reply' as const,
        file,
        options: [option(options.messageType, 'offer'), option(options.serverIdentifier, address)],
      };
      socket.send(formatPacket(reply), from.port, from.address);
      // Somebody else's offer: another xid.
      const foreign = option(options.serverIdentifier, '192.0.2.99');
      socket.send(
        formatPacket({
          ...reply,
          xid: (request.xid + 1) >>> 0,
          options: [...reply.options.slice(0, 1), foreign],
        }),
        from.port,
        from.address,
      );
    }
  });
  return { port: socket.address().port, discovers };
}

async function probe(port: number) {
  const ports = { server: port, client: 0, to: '127.0.0.1' };
  return await probeDhcp({ interfaceName: 'lo', waitMs: 150, ports }, AbortSignal.timeout(5000));
}

it('lists who offers, and warns of one that answers network boots', async () => {
  const server = await foreignServer([
    { address: '192.0.2.1', file: '' },
    { address: '192.0.2.2', file: 'pxelinux.0' },
  ]);
  const findings = await probe(server.port);
  expect(server.discovers).toEqual(['discover']);
  expect(findings).toMatchObject([
    { level: 'ok', message: 'DHCP server 192.0.2.1 answers on lo; it gives the addresses' },
    { level: 'warning', message: '192.0.2.2 on lo answers network boots too (pxelinux.0)' },
  ]);
});

it('says so when nobody answers', async () => {
  const server = await foreignServer([]);
  expect(await probe(server.port)).toMatchObject([
    {
      level: 'warning',
      code: 'doctor.probe',
      message: 'no DHCP server answered on lo within 0.15 s',
    },
  ]);
});
