/**
 * Asks for a network boot again and again, as firmware does. It writes `asking` with the first answer, before
 * which nothing counts, and how long each answer took as a line of JSON when its standard input ends. Its one
 * argument: the interface to ask on.
 */
import { discoverPacket } from '#server/dhcp/discover.ts';
import { formatPacket, parsePacket } from '#server/dhcp/packet.ts';
import { openUdpSocket } from '#server/netboot/ffi-socket.ts';

const EVERY_MS = 20;
const LOST_MS = 1000;
const device = process.argv[2] ?? '';
const socket = await openUdpSocket({ address: '0.0.0.0', port: 68, device, shared: true });
const asked = new Map<number, number>();
const took: number[] = [];
let lost = 0;
let next = 1;

socket.on('message', (bytes) => {
  const { xid } = parsePacket(bytes);
  const sentMs = asked.get(xid);
  if (sentMs === undefined || !asked.delete(xid)) return;
  if (took.push(performance.now() - sentMs) > 1) return;
  // What was asked while the server was not there yet is not answered any more, nor lost.
  asked.clear();
  process.stdout.write('asking\n');
});
const timer = setInterval(() => {
  const xid = next++;
  asked.set(xid, performance.now());
  // Each is another machine.
  const mac = Uint8Array.from([0x02, 0xbe, 0, 0, (xid >> 8) & 0xff, xid & 0xff]);
  socket.send(formatPacket(discoverPacket({ xid, mac })), 67, '255.255.255.255');
  for (const [id, sentMs] of asked)
    if (performance.now() - sentMs > LOST_MS && asked.delete(id) && took.length > 0) lost += 1;
}, EVERY_MS);
process.stdin
  .on('end', () => {
    clearInterval(timer);
    socket.close();
    process.stdout.write(`${JSON.stringify({ took, lost })}\n`);
  })
  .resume();
