import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { architectureOfCode } from '#boot/architecture.ts';
import { option, options } from '../dhcp/options.ts';
import { type DhcpPacket, formatPacket, parsePacket } from '../dhcp/packet.ts';
import { readPxeClient } from '../dhcp/pxe-client.ts';
import { normalizeName } from '../tftp/name.ts';
import { negotiate } from '../tftp/negotiate.ts';
import { initialTransfer, reduce } from '../tftp/transfer.ts';

const captured = (name: string) =>
  Buffer.from(
    readFileSync(new URL(`../dhcp/testdata/${name}.hex`, import.meta.url), 'utf8').trim(),
    'hex',
  );
const packet = (name: string) => parsePacket(captured(name));
const withOption = (from: DhcpPacket, made: DhcpPacket['options'][number]): DhcpPacket => ({
  ...from,
  options: [...from.options.filter(({ code }) => code !== made.code), made],
});
const asking = (...wanted: (readonly [string, string])[]) =>
  reduce(initialTransfer(negotiate(new Map(wanted), 5000)), { kind: 'start' }).state;
const refusal = { op: 'error', code: 8, message: 'User aborted the transfer' } as const;
const nameOf = (asked: string) => {
  const name = normalizeName(asked);
  return name.kind === 'name' ? name.name : name.message;
};

/** What firmware does that no specification has, or that some of it cannot: each row holds. */
const quirks: readonly { firmware: string; does: string; holds: () => void }[] = [
  {
    firmware: 'EDK II',
    does: 'asks for the size alone, and ends that transfer with ERROR 8',
    holds: () => {
      const { actions } = reduce(asking(['tsize', '0']), { kind: 'packet', packet: refusal });
      expect(actions).toMatchObject([{ kind: 'over', outcome: 'finished', mayManageLess: false }]);
    },
  },
  {
    firmware: 'ROMs that take no options',
    does: 'refuse an OACK: the next transfer gets smaller blocks, and at last no options',
    holds: () => {
      const { actions } = reduce(asking(['blksize', '1456']), { kind: 'packet', packet: refusal });
      expect(actions).toMatchObject([{ kind: 'over', outcome: 'failed', mayManageLess: true }]);
    },
  },
  {
    firmware: 'EDK II and GRUB',
    does: 'end a transfer in the middle because they have what they want: that is no reason for smaller blocks',
    holds: () => {
      const sending = reduce(asking(['tsize', '0']), {
        kind: 'packet',
        packet: { op: 'ack', block: 0 },
      }).state;
      const { actions } = reduce(sending, { kind: 'packet', packet: refusal });
      expect(actions).toMatchObject([{ kind: 'over', outcome: 'failed', mayManageLess: false }]);
    },
  },
  {
    firmware: 'iPXE',
    does: 'sends its user class without the length that RFC 3004 has',
    holds: () => {
      for (const bytes of ['iPXE', '\u0004iPXE']) {
        const made = option(options.userClass, bytes);
        expect(readPxeClient(withOption(packet('ovmf-discover'), made))?.isIpxe).toBe(true);
      }
    },
  },
  {
    firmware: 'ROMs of BOOTP times',
    does: 'fill the option area to its last byte, without an END',
    holds: () => {
      const whole = captured('ovmf-discover');
      const end = whole.lastIndexOf(255);
      expect(parsePacket(whole.subarray(0, end)).options).toEqual(parsePacket(whole).options);
    },
  },
  {
    firmware: 'relays and ROMs of BOOTP times',
    does: 'drop answers of less than 300 bytes',
    holds: () => {
      const small: DhcpPacket = { ...packet('ovmf-discover'), op: 'reply', options: [] };
      expect(formatPacket(small)).toHaveLength(300);
    },
  },
  {
    firmware: 'UEFI for x64',
    does: 'calls itself 7, which was registered for EBC, or 9',
    holds: () => {
      for (const code of [7, 9]) expect(architectureOfCode(code)?.name).toBe('uefi-x64');
    },
  },
  {
    firmware: 'boards without an SMBIOS UUID',
    does: 'send zeros or ones as client GUID, which identifies nobody',
    holds: () => {
      for (const byte of [0x00, 0xff]) {
        const value = Uint8Array.of(0, ...Array.from({ length: 16 }, () => byte));
        const request = withOption(packet('ovmf-discover'), { code: 97, value });
        expect(readPxeClient(request)?.guid).toBeNull();
      }
    },
  },
  {
    firmware: 'the boot manager of Windows',
    does: 'asks for names with backslashes, and one in front',
    holds: () => expect(nameOf('\\Boot\\BCD')).toBe('Boot/BCD'),
  },
  {
    firmware: 'shim',
    does: 'joins a folder and a name with two slashes',
    holds: () => expect(nameOf('//grubx64.efi')).toBe('grubx64.efi'),
  },
];

describe('M50 M51 firmware that is different', () => {
  it.each(quirks)('$firmware: $does', ({ holds }) => {
    expect.hasAssertions();
    holds();
  });
});
