import { describe, expect, it } from 'vitest';
import { formatSources, parsePrintUris } from './debian-packages.ts';

describe('formatSources', () => {
  const host = [
    'bookworm main http://mirror.example/debian/',
    'bookworm main http://mirror.example/debian/',
    'bookworm-security main http://mirror.example/security/',
    'bookworm-backports main http://mirror.example/debian/',
    'nodistro main https://other.example/node/',
    'bookworm contrib http://mirror.example/debian/',
    '',
  ].join('\n');

  it('takes the mirrors of the host for the suite and its updates, each once', () => {
    const key = '[arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
    expect(
      formatSources(host, {
        suite: 'bookworm',
        likeSuite: 'bookworm',
        components: ['non-free-firmware'],
      }),
    ).toBe(
      `deb ${key} http://mirror.example/debian/ bookworm main non-free-firmware\n` +
        `deb ${key} http://mirror.example/security/ bookworm-security main non-free-firmware\n`,
    );
  });

  it('takes another release from the same mirrors', () => {
    const key = '[arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
    expect(formatSources(host, { suite: 'trixie', likeSuite: 'bookworm', components: [] })).toBe(
      `deb ${key} http://mirror.example/debian/ trixie main\n` +
        `deb ${key} http://mirror.example/security/ trixie-security main\n`,
    );
  });

  it('says so when the host has another release', () => {
    expect(() =>
      formatSources(host, { suite: 'trixie', likeSuite: 'trixie', components: [] }),
    ).toThrow(expect.objectContaining({ code: 'boot-image.no-debian-source' }));
  });
});

it('reads what apt-get would fetch, epochs unescaped', () => {
  const text = [
    "'http://m.example/pool/k/kmod_30_amd64.deb' kmod_30+2022-1_amd64.deb 95180 SHA256:aa",
    "'http://m.example/pool/b/busybox_1.35_amd64.deb' busybox_1%3a1.35.0-4_amd64.deb 452120 ",
    'Reading package lists...',
  ].join('\n');
  expect(parsePrintUris(text)).toEqual([
    { name: 'kmod', version: '30+2022-1', fileName: 'kmod_30+2022-1_amd64.deb' },
    { name: 'busybox', version: '1:1.35.0-4', fileName: 'busybox_1%3a1.35.0-4_amd64.deb' },
  ]);
});
