/**
 * A client for tests in a network namespace: takes packets as JSON in the first argument, sends each one
 * from the port and device given, and writes every datagram that arrives as a JSON line, until its
 * standard input ends.
 */
import { z } from 'zod';
import { openUdpSocket } from './ffi-socket.ts';

const Settings = z.strictObject({
  device: z.string(),
  /** Own port. */
  port: z.int(),
  to: z.strictObject({ address: z.string(), port: z.int() }),
  packets: z.array(z.string()),
});
const { device, port, to, packets } = Settings.parse(JSON.parse(process.argv[2] ?? '{}'));
const socket = await openUdpSocket({ address: '0.0.0.0', port, device, shared: true });
socket.on('message', (bytes, from) => {
  const line = { from: from.address, port: from.port, hex: bytes.toString('hex') };
  process.stdout.write(`${JSON.stringify(line)}\n`);
});
for (const hex of packets) socket.send(Buffer.from(hex, 'hex'), to.port, to.address);
process.stdin.on('end', () => socket.close()).resume();
