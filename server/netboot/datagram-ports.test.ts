import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type DatagramPort, makeDatagramPorts } from './datagram-ports.ts';

async function client(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  return socket;
}

const ways = [
  { name: 'by the batch', ports: () => makeDatagramPorts() },
  { name: 'through dgram alone', ports: () => makeDatagramPorts(null) },
];

it.each(ways)('answers each of a flood once, $name', async ({ ports }) => {
  const asker = await client();
  const got: string[] = [];
  asker.on('message', (bytes) => void got.push(bytes.toString()));
  const errors: string[] = [];
  const port: DatagramPort = await ports().open({
    address: '127.0.0.1',
    port: 0,
    device: undefined,
    // The view is of this datagram only while it is told.
    onDatagram: (bytes, from) => port.send(Buffer.concat([Buffer.from('to '), bytes]), from),
    onSendError: ({ message }) => void errors.push(message),
  });
  onTestFinished(() => port.close());
  const to = port.address();
  const asked = Array.from({ length: 200 }, (_, index) => `${index}`);
  for (const text of asked) asker.send(text, to.port, to.address);
  await vi.waitFor(() => expect(got).toHaveLength(200));
  expect(got.toSorted()).toEqual(asked.map((text) => `to ${text}`).toSorted());
  expect(errors).toEqual([]);
});

it.each(ways)(
  'tells of what cannot be sent, and sends what was said between requests, $name',
  async ({ ports }) => {
    const asker = await client();
    const errors: string[] = [];
    const port = await ports().open({
      address: '127.0.0.1',
      port: 0,
      device: undefined,
      onDatagram: () => {},
      onSendError: (_error, { address }) => void errors.push(address),
    });
    onTestFinished(() => port.close());
    const answer = once(asker, 'message');
    port.send(Buffer.from('said by itself'), asker.address());
    expect(String((await answer)[0])).toBe('said by itself');
    // From the loopback address nothing goes out of it.
    port.send(Buffer.from('nobody gets this'), { address: '192.0.2.1', port: 9 });
    await vi.waitFor(() => expect(errors).toEqual(['192.0.2.1']));
  },
);
