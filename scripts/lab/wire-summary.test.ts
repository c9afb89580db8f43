import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, nat, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { parsePcap } from './pcap.ts';
import { readFrame, wireLine } from './wire-summary.ts';

/** OVMF 2022.11 that boots from dnsmasq 2.90: the first seven packets, taken by tcpdump. */
const capture = readFileSync(join(import.meta.dirname, 'testdata/ovmf-pxe.pcap'));

it('M51 reads what OVMF and dnsmasq said', () => {
  const lines = parsePcap(capture).flatMap(({ bytes }) => {
    const event = readFrame(bytes);
    return event === undefined ? [] : [wireLine(event)];
  });
  expect(lines).toEqual([
    'DHCP DISCOVER 0.0.0.0 -> 255.255.255.255 arch=7 class=PXEClient:Arch:00007:UNDI:003000',
    'DHCP OFFER 10.77.0.2 -> 255.255.255.255 yiaddr=10.77.0.130 siaddr=10.77.0.2 file=shimx64.efi',
    'DHCP REQUEST 0.0.0.0 -> 255.255.255.255 arch=7 class=PXEClient:Arch:00007:UNDI:003000',
    'DHCP ACK 10.77.0.2 -> 255.255.255.255 yiaddr=10.77.0.130 siaddr=10.77.0.2 file=shimx64.efi',
    'TFTP RRQ 10.77.0.130 -> 10.77.0.2 shimx64.efi (tsize 0 blksize 1468 windowsize 4)',
    'TFTP ERROR 8 10.77.0.130 -> 10.77.0.2 User aborted the transfer',
  ]);
});

it('leaves out a packet that is still being written', () => {
  const all = parsePcap(capture).length;
  expect(parsePcap(capture.subarray(0, capture.length - 1))).toHaveLength(all - 1);
});

it('refuses a file of another form', () => {
  expect(() => parsePcap(Buffer.alloc(24))).toThrow('not a pcap file');
});

it('gives any bytes an event or nothing', () => {
  assert(
    property(uint8Array({ maxLength: 400 }), nat(), (noise, where) => {
      const [first] = parsePcap(capture);
      const frame = Uint8Array.from(first?.bytes ?? []);
      frame.set(noise.subarray(0, frame.length), 0);
      readFrame(frame.subarray(0, where % (frame.length + 1)));
    }),
  );
});
