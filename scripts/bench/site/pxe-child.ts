/**
 * Asks for a network boot again and again, as firmware does. It writes `asking` when it begins, and how long
 * each answer took as a line of JSON when its standard input ends. Its one argument: the interface to ask on.
 */
import { option, options } from '#server/dhcp/options.ts';
import { formatPacket, parsePacket } from '#server/dhcp/packet.ts';
import { openUdpSocket } from '#server/netboot/ffi-socket.ts';

const EVERY_MS = 20;
const LOST_MS = 1000;
const UEFI_X64 = 7;
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
  took.push(performance.now() - sentMs);
});
const timer = setInterval(() => {
  const xid = next++;
  asked.set(xid, performance.now());
  socket.send(discover(xid), 67, '255.255.255.255');
  for (const [id, sentMs] of asked)
    if (performance.now() - sentMs > LOST_MS && asked.delete(id)) lost += 1;
}, EVERY_MS);
process.stdout.write('asking\n');
process.stdin
  .on('end', () => {
    clearInterval(timer);
    socket.close();
    process.stdout.write(`${JSON.stringify({ took, lost })}\n`);
  })
  .resume();

/** DHCPDISCOVER of a machine with UEFI for x64 (RFC 2131 and 4578); each is another machine. */
function discover(xid: number): Uint8Array {
  const chaddr = new Uint8Array(16);
  chaddr.set([0x02, 0xbe, 0, 0, xid >> 8, xid & 0xff]);
  return formatPacket({
    op: 'request',
    htype: 1,
    hlen: 6,
    hops: 0,
    xid,
    secs: 0,
    flags: 0x8000,
    ciaddr: '0.0.0.0',
    yiaddr: '0.0.0.0',
    siaddr: '0.0.0.0',
    giaddr: '0.0.0.0',
    chaddr,
    sname: '',
    file: '',
    options: [
      option(options.messageType, 'discover'),
      option(options.vendorClass, 'PXEClient:Arch:00007:UNDI:003016'),
      option(options.clientArchitecture, [UEFI_X64]),
    ],
  });
}
