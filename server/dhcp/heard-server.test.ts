import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { heardServer } from './heard-server.ts';
import { parsePacket } from './packet.ts';

const packet = (name: string) =>
  parsePacket(
    Buffer.from(
      readFileSync(new URL(`testdata/${name}.hex`, import.meta.url), 'utf8').trim(),
      'hex',
    ),
  );
const nobody = new Set<string>();

it.each([
  {
    name: 'the OFFER of a DHCP server',
    from: 'dnsmasq-offer',
    heard: '10.77.0.2',
    pxe: false,
    grants: true,
    offered: {
      client: '52:54:00:12:34:56',
      address: '10.77.0.58',
      router: '10.77.0.2',
      nextServer: '10.77.0.2',
      file: '',
    },
  },
  {
    name: 'the REQUEST of a client that takes it',
    from: 'ovmf-request',
    heard: '10.77.0.2',
    pxe: false,
    grants: true,
    offered: null,
  },
  {
    name: 'the OFFER of a boot server',
    from: 'our-offer',
    heard: '10.77.0.1',
    pxe: true,
    grants: false,
    offered: {
      client: '52:54:00:12:34:56',
      address: null,
      router: null,
      nextServer: '10.77.0.1',
      file: 'shimx64.efi',
    },
  },
])('M50 hears a server and what it offers in $name', ({ from, heard, name: _name, ...more }) => {
  expect(heardServer(packet(from), nobody)).toEqual({ address: heard, ...more });
});

it('does not report this server itself', () => {
  expect(heardServer(packet('our-offer'), new Set(['10.77.0.1']))).toBeUndefined();
});

it.each(['ovmf-discover', 'ovmf-proxy-request'])('hears nobody in %s', (name) => {
  expect(heardServer(packet(name), nobody)).toBeUndefined();
});
