import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MacAddress, SmbiosGuid } from '#agent/protocol/identity.ts';
import { PLAIN_WISH } from '#boot/chain.ts';
import type { NetbootAction, NetbootSnapshot } from '../netboot/snapshot.ts';
import { WireError } from '../wire-error.ts';
import { option, options, rawOption, readOption } from './options.ts';
import { type DhcpOption, type DhcpPacket, formatPacket, parsePacket } from './packet.ts';
import { type Arrival, type Decision, decide } from './proxy.ts';

const captured = (name: string): Buffer =>
  Buffer.from(readFileSync(new URL(`testdata/${name}.hex`, import.meta.url), 'utf8').trim(), 'hex');
const packet = (name: string): DhcpPacket => parsePacket(captured(name));

const bench = { name: 'br0', address: '10.77.0.1', netmask: '255.255.255.0' };
const broadcast: Arrival = {
  interface: bench,
  port: 'dhcp',
  from: { address: '0.0.0.0', port: 68 },
};
const unicast: Arrival = {
  interface: bench,
  port: 'proxy',
  from: { address: '10.77.0.58', port: 4011 },
};
const ovmfGuid = SmbiosGuid.parse('4c4c4544-0042-3510-8051-b4c04f4e4d31');
const ovmfMac = MacAddress.parse('52:54:00:12:34:56');
const boot = (reason: string): NetbootAction => ({ kind: 'boot', reason, wish: PLAIN_WISH });
const silent = (reason: string): NetbootAction => ({ kind: 'silent', reason });
const target = (action: NetbootAction) => ({ deviceId: 'd', name: 'PC-1', action });

function snapshot(changes: Partial<NetbootSnapshot> = {}): NetbootSnapshot {
  return {
    revision: 1,
    answerOn: [bench],
    byMac: new Map(),
    byGuid: new Map(),
    unknown: boot('Unknown machines are deployed.'),
    excludedMacs: new Set(),
    sharedMacs: new Set(),
    bootImages: new Set(['uefi-x64']),
    windows: { images: [], wimboot: false, signers: new Map() },
    ports: { bootHttp: 7480 },
    ...changes,
  };
}

function answered(decision: Decision): Extract<Decision, { reply: DhcpPacket }> {
  if (decision.kind === 'ignore') throw new Error(decision.reason);
  return decision;
}
const replaceOption = (from: DhcpPacket, made: DhcpOption): DhcpPacket => ({
  ...from,
  options: [...from.options.filter(({ code }) => code !== made.code), made],
});
const dropOption = (from: DhcpPacket, code: number): DhcpPacket => ({
  ...from,
  options: from.options.filter((entry) => entry.code !== code),
});

describe('M50 golden answers', () => {
  it('offers OVMF a boot file by broadcast, with the bytes that it booted from', () => {
    const { kind, reply, to } = answered(decide(packet('ovmf-discover'), snapshot(), broadcast));
    expect(kind).toBe('offer');
    expect(to).toEqual({ address: '255.255.255.255', port: 68 });
    expect(Buffer.from(formatPacket(reply)).toString('hex')).toBe(
      captured('our-offer').toString('hex'),
    );
  });

  it('acknowledges on 4011 to where the client asked from', () => {
    const request = packet('ovmf-proxy-request');
    const { kind, reply, to } = answered(decide(request, snapshot(), unicast));
    expect(kind).toBe('ack');
    expect(to).toEqual({ address: '10.77.0.58', port: 4011 });
    expect(Buffer.from(formatPacket(reply)).toString('hex')).toBe(
      captured('our-ack').toString('hex'),
    );
    expect(reply).toMatchObject({ yiaddr: '0.0.0.0', siaddr: '10.77.0.1', file: 'shimx64.efi' });
    expect(readOption(reply, options.serverIdentifier)).toBe('10.77.0.1');
    expect(readOption(reply, options.vendorClass)).toBe('PXEClient');
    expect(readOption(reply, options.clientGuid)).toBe(ovmfGuid);
  });

  it('gives HTTP Boot a URL in option 67 under the vendor class HTTPClient', () => {
    const images = snapshot({ bootImages: new Set(['http-x64']) });
    const { reply } = answered(decide(packet('ovmf-http-discover'), images, broadcast));
    expect(readOption(reply, options.vendorClass)).toBe('HTTPClient');
    expect(readOption(reply, options.bootFile)).toBe('http://10.77.0.1:7480/boot/snponly.efi');
    expect(reply.file).toBe('');
  });

  it('refuses HTTP Boot by name while no boot image is published for it', () => {
    expect(decide(packet('ovmf-http-discover'), snapshot(), broadcast)).toMatchObject({
      kind: 'ignore',
      reason:
        'The machine starts as x64 UEFI HTTP Boot (client architecture 16), and there is no boot image for http-x64.',
    });
  });

  it('sends a machine on to its disk by a menu with one entry, chosen at once (PXE 2.1, table 2-1)', () => {
    const done = snapshot({ unknown: { kind: 'disk', reason: 'It is done.' } });
    for (const name of ['ovmf-discover', 'ipxe-bios-discover']) {
      const decision = decide(packet(name), done, broadcast);
      expect(decision).toMatchObject({
        kind: 'disk',
        reason: 'It is done. It is told to start from its disk.',
        to: { address: '255.255.255.255', port: 68 },
        reply: { file: '', siaddr: '10.77.0.1', yiaddr: '0.0.0.0' },
      });
      const { reply } = answered(decision);
      expect(readOption(reply, options.messageType)).toBe('offer');
      expect(readOption(reply, options.vendorClass)).toBe('PXEClient');
      const menu = Buffer.from(rawOption(reply, options.vendorSpecific) ?? []);
      const title = Buffer.from('Start from the disk').toString('hex');
      expect(menu.toString('hex')).toBe(`0601030916000013${title}0a1400${title}ff`);
    }
    expect(decide(packet('ovmf-proxy-request'), done, unicast)).toMatchObject({
      kind: 'disk',
      to: { address: '10.77.0.58', port: 4011 },
    });
  });

  it('sends a machine of HTTP Boot on to its disk by a URL where nothing is', () => {
    const done = snapshot({ unknown: { kind: 'disk', reason: 'It is done.' }, pxeMenu: false });
    const decision = decide(packet('ovmf-http-discover'), done, broadcast);
    expect(decision).toMatchObject({ kind: 'disk', refused: false });
    const { reply } = answered(decision);
    expect(readOption(reply, options.vendorClass)).toBe('HTTPClient');
    expect(readOption(reply, options.bootFile)).toBe('http://10.77.0.1:7480/boot/start-from-disk');
    expect(rawOption(reply, options.vendorSpecific)).toBeUndefined();
  });

  it('shows no menu where menus are switched off: nobody answers then, and the reason says so', () => {
    const done = snapshot({ unknown: { kind: 'disk', reason: 'It is done.' }, pxeMenu: false });
    const told = 'It is done. Menus of PXE are switched off, so it is not told to.';
    for (const [name, arrival] of [
      ['ovmf-discover', broadcast],
      ['ovmf-proxy-request', unicast],
    ] as const)
      expect(decide(packet(name), done, arrival)).toMatchObject({ kind: 'ignore', reason: told });
    const arm = replaceOption(packet('ovmf-discover'), option(options.clientArchitecture, [11]));
    const refused = { ...arm, secs: 9 };
    expect(decide(refused, snapshot(), broadcast).kind).toBe('disk');
    expect(decide(refused, snapshot({ pxeMenu: false }), broadcast).kind).toBe('ignore');
    const wanted = snapshot({ pxeMenu: false });
    expect(decide(packet('ovmf-discover'), wanted, broadcast).kind).toBe('offer');
  });

  it("gives the iPXE of a BIOS adapter's ROM a script by HTTP", () => {
    const images = snapshot({ bootImages: new Set(['bios']) });
    const { reply } = answered(decide(packet('ipxe-bios-discover'), images, broadcast));
    expect(reply.file).toBe('http://10.77.0.1:7480/boot/ipxe/linux-pe.ipxe');
    expect(rawOption(reply, options.vendorSpecific)).toBeUndefined();
  });

  it('refuses aloud who has asked for some seconds, by a menu that says why', () => {
    const arm = replaceOption(packet('ovmf-discover'), option(options.clientArchitecture, [11]));
    expect(decide(arm, snapshot(), broadcast).kind, 'others may have something for it').toBe(
      'ignore',
    );
    const decision = decide({ ...arm, secs: 4 }, snapshot(), broadcast);
    expect(decision).toMatchObject({ kind: 'disk', refused: true });
    const menu = Buffer.from(rawOption(answered(decision).reply, options.vendorSpecific) ?? []);
    expect(menu.toString('latin1')).toContain(
      'Metalwright: The machine starts as ARM64 UEFI (client architecture 11)',
    );
    const http = { ...packet('ovmf-http-discover'), secs: 9 };
    expect(decide(http, snapshot(), broadcast).kind).toBe('ignore');
    const quiet = snapshot({ unknown: silent('Nobody is to know.') });
    expect(decide({ ...arm, secs: 9 }, quiet, broadcast).kind).toBe('ignore');
  });

  it('refuses the BIOS client by name', () => {
    expect(
      decide({ ...packet('ipxe-bios-discover'), secs: 0 }, snapshot(), broadcast),
    ).toMatchObject({
      kind: 'ignore',
      client: { architecture: 'bios' },
      reason:
        'The machine starts as x86 BIOS (client architecture 0), and there is no boot image for bios.',
    });
  });

  it.each([6, 11, 15, 19, 0x1234])('never serves x64 to client architecture %i', (code) => {
    const other = replaceOption(
      packet('ovmf-discover'),
      option(options.clientArchitecture, [code]),
    );
    expect(decide(other, snapshot(), broadcast).kind).toBe('ignore');
  });

  it('takes the first architecture that can be served when a client offers several', () => {
    const several = replaceOption(
      packet('ovmf-discover'),
      option(options.clientArchitecture, [6, 9]),
    );
    expect(decide(several, snapshot(), broadcast).kind).toBe('offer');
  });
});

describe('who is meant', () => {
  it('leaves plain DHCP clients and their reports alone', () => {
    const plain = dropOption(packet('ovmf-discover'), 60);
    expect(decide(plain, snapshot(), broadcast)).toMatchObject({ kind: 'ignore', client: null });
  });

  it('leaves the REQUEST for an address to the DHCP server', () => {
    expect(decide(packet('ovmf-request'), snapshot(), broadcast)).toMatchObject({
      kind: 'ignore',
      client: null,
    });
  });

  it('leaves a boot request to the server that it names', () => {
    const other = replaceOption(
      packet('ovmf-proxy-request'),
      option(options.serverIdentifier, '10.77.0.9'),
    );
    expect(decide(other, snapshot(), unicast)).toMatchObject({
      kind: 'ignore',
      reason: 'It is addressed to the server 10.77.0.9 (option 54).',
    });
  });

  it('answers an INFORM on 4011, and nothing else there', () => {
    const typed = (type: 'inform' | 'release') =>
      replaceOption(packet('ovmf-proxy-request'), option(options.messageType, type));
    expect(decide(typed('inform'), snapshot(), unicast).kind).toBe('ack');
    expect(decide(typed('release'), snapshot(), unicast).kind).toBe('ignore');
  });

  it('does not answer answers', () => {
    expect(decide(packet('dnsmasq-offer'), snapshot(), broadcast).kind).toBe('ignore');
  });

  it('refuses a packet whose GUID cannot be read', () => {
    const bad = replaceOption(packet('ovmf-discover'), { code: 97, value: Uint8Array.of(0, 1) });
    expect(() => decide(bad, snapshot(), broadcast)).toThrow(
      expect.objectContaining({ code: 'dhcp.value' }),
    );
  });
});

describe('M50 relays', () => {
  const agent = { code: 82, value: Uint8Array.of(1, 4, 0xde, 0xad, 0xbe, 0xef) };
  const relayed = {
    ...replaceOption(packet('ovmf-discover'), agent),
    giaddr: '10.9.0.1',
    hops: 1,
  };

  it('answers to the relay on 67, by broadcast from there, and echoes option 82 last', () => {
    const { reply, to } = answered(
      decide({ ...relayed, flags: 0 }, snapshot(), {
        ...broadcast,
        from: { address: '10.9.0.1', port: 67 },
      }),
    );
    expect(to).toEqual({ address: '10.9.0.1', port: 67 });
    expect(reply).toMatchObject({ giaddr: '10.9.0.1', flags: 0x8000 });
    expect(reply.options.at(-1)).toEqual(agent);
  });

  it.each(['known', 'unknown'])('takes the same path for %s machines behind a relay', (kind) => {
    const byGuid =
      kind === 'known' ? new Map([[ovmfGuid, target(boot('It is deployed.'))]]) : new Map();
    const { reply } = answered(decide(relayed, snapshot({ byGuid }), broadcast));
    expect(reply.file).toBe('shimx64.efi');
  });
});

describe('M54 which machine it is', () => {
  it.each([
    { name: 'another adapter', macs: ['52:54:00:00:00:99'], says: 'has the GUID of "PC-1"' },
    { name: 'its adapter', macs: [ovmfMac], says: 'Done.' },
    { name: 'no adapter that is known', macs: [], says: 'Done.' },
    {
      name: 'another adapter, and this one a dock',
      macs: ['52:54:00:00:00:99'],
      dock: true,
      says: 'Done.',
    },
    {
      name: 'another adapter, where it is to boot',
      macs: ['52:54:00:00:00:99'],
      to: 'boot',
      says: 'Done.',
    },
    {
      name: 'another adapter, where unknown machines are ignored',
      macs: ['52:54:00:00:00:99'],
      ignored: true,
      says: 'Done.',
    },
  ])('a GUID of a machine that is done, with $name', ({ macs, says, dock, to, ignored }) => {
    const action: NetbootAction = to === 'boot' ? boot('Done.') : { kind: 'disk', reason: 'Done.' };
    const record = { ...target(action), macs: macs.map((mac) => MacAddress.parse(mac)) };
    const { reason } = decide(
      packet('ovmf-discover'),
      snapshot({
        byGuid: new Map([[ovmfGuid, record]]),
        sharedMacs: new Set(dock === true ? [ovmfMac] : []),
        ...(ignored === true ? { unknown: silent('Ignored.') } : {}),
      }),
      broadcast,
    );
    expect(reason).toContain(says);
  });

  const discover = packet('ovmf-discover');
  const zero = { code: 97, value: new Uint8Array(17) };
  const ones = { code: 97, value: Uint8Array.from([0, ...Array.from({ length: 16 }, () => 255)]) };
  const byGuid = new Map([[ovmfGuid, target(boot('By GUID.'))]]);
  const byMac = new Map([[ovmfMac, target(silent('By MAC.'))]]);

  it.each([
    {
      name: 'the GUID wins over the MAC',
      from: discover,
      changes: { byGuid, byMac },
      says: 'By G',
    },
    {
      name: 'the MAC serves without a GUID record',
      from: discover,
      changes: { byMac },
      says: 'By M',
    },
    {
      name: 'a GUID of zeros is no GUID',
      from: replaceOption(discover, zero),
      changes: {
        byGuid: new Map([
          [SmbiosGuid.parse('00000000-0000-0000-0000-000000000000'), target(boot('Wrong.'))],
        ]),
        byMac,
      },
      says: 'By M',
    },
    {
      name: 'a GUID of ones is no GUID',
      from: replaceOption(discover, ones),
      changes: { byMac },
      says: 'By M',
    },
    {
      name: 'a shared adapter identifies nobody',
      from: replaceOption(discover, zero),
      changes: { byMac, sharedMacs: new Set([ovmfMac]) },
      says: 'Unknown machines',
    },
    {
      name: 'an excluded adapter is never served, whatever the GUID says',
      from: discover,
      changes: { byGuid, excludedMacs: new Set([ovmfMac]) },
      says: 'The adapter 52:54:00:12:34:56 is on the list',
    },
    {
      name: 'a silent machine stays silent with its reason',
      from: discover,
      changes: { unknown: silent('Unknown machines wait for approval.') },
      says: 'Unknown machines wait for approval.',
    },
  ])('$name', ({ from, changes, says }) => {
    expect(decide(from, snapshot(changes), broadcast).reason).toContain(says);
  });

  it('echoes a placeholder GUID all the same: the client looks for it', () => {
    const { reply } = answered(decide(replaceOption(discover, zero), snapshot(), broadcast));
    expect(rawOption(reply, options.clientGuid)).toEqual(zero.value);
  });

  it('takes its identity from the GUID alone where the hardware is no Ethernet', () => {
    const infiniband = { ...discover, htype: 32, hlen: 0 };
    const decision = decide(infiniband, snapshot({ byGuid, byMac }), broadcast);
    expect(decision).toMatchObject({ client: { mac: null, guid: ovmfGuid } });
    expect(decision.reason).toContain('By GUID.');
  });
});

it('decides on any packet, or throws a WireError', () => {
  const known = Object.values(options).map(({ code }) => code);
  const entry = fc.record({
    code: fc.oneof(fc.constantFrom(...known), fc.integer({ min: 1, max: 254 })),
    value: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(Buffer.from('PXEClient'), Uint8Array.of(1), Uint8Array.of(0, 7)),
    ),
  });
  const extra = fc.uniqueArray(entry, { selector: ({ code }) => code, maxLength: 8 });
  const names = fc.constantFrom('ovmf-discover', 'ovmf-proxy-request', 'ovmf-http-discover');
  fc.assert(
    fc.property(names, extra, fc.boolean(), fc.nat(255), (name, made, onProxy, hlen) => {
      const base = { ...packet(name), hlen: hlen % 17 };
      const changed = made.reduce(replaceOption, base);
      try {
        expect(decide(changed, snapshot(), onProxy ? unicast : broadcast).reason).toMatch(/\.$/);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
      }
    }),
  );
});
