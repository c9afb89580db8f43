import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatHive } from '#boot/bcd/format-hive.ts';
import type { HiveKey } from '#boot/bcd/hive.ts';
import { dwordValue, textValue } from '#boot/bcd/registry-value.ts';
import { exclusionsFor } from '../../steps/capture-exclusions.ts';
import {
  captured,
  fixture,
  image,
  imagesOf,
  missing,
  nested,
  put,
  signal,
} from './capture.testing.ts';
import { key } from './windows/windows-disk.testing.ts';

describe.skipIf(missing !== undefined)('M44 volumes that are not captured', () => {
  it('finds a hibernated Windows, a dirty volume, BitLocker and LUKS', async () => {
    await using made = await fixture('ntfs', 'ext4', 'fat32');
    const { capture, volumes, inside, folder } = made;
    const device = volumes[0]?.device ?? '';
    const place = join(folder, 'looked-at');
    mkdirSync(place);
    const problem = async (index: number) =>
      (await capture.inspect(volumes[index]?.volume ?? '', signal)).problem;
    const poke = (index: number, at: number, bytes: Uint8Array) => {
      const fd = openSync(volumes[index]?.device ?? '', 'r+');
      writeSync(fd, bytes, 0, bytes.length, at);
      closeSync(fd);
    };
    expect([await problem(0), await problem(1), await problem(2)]).toEqual([null, null, null]);
    await inside(0, (root) => put(root, 'hiberfil.sys', Buffer.alloc(8192)));
    expect(await problem(0)).toBeNull();
    for (const session of ['hibr', 'HIBR']) {
      await inside(0, (root) => put(root, 'hiberfil.sys', Buffer.from(session.padEnd(8192, '\0'))));
      expect(await problem(0)).toBe('hibernated');
      // It only looked: the session is there still.
      execFileSync('ntfs-3g', ['-o', 'ro', device, place]);
      expect(readFileSync(join(place, 'hiberfil.sys'), 'latin1').slice(0, 4)).toBe(session);
      execFileSync('umount', [place]);
      execFileSync('ntfs-3g', ['-o', 'remove_hiberfile', device, place]);
      execFileSync('umount', [place]);
    }
    expect(await problem(0)).toBeNull();
    execFileSync('ntfsfix', [volumes[0]?.device ?? ''], { stdio: 'ignore' });
    expect(await problem(0)).toBe('dirty');
    execFileSync('debugfs', ['-w', '-R', 'feature needs_recovery', volumes[1]?.device ?? ''], {
      stdio: 'ignore',
    });
    expect(await problem(1)).toBe('dirty');
    const fat = Buffer.from([0xff, 0xff, 0xff, 0x07]);
    poke(2, 32 * 512 + 4, fat);
    expect(await problem(2)).toBe('dirty');
    // Boot sector of BitLocker To Go's kin, as blkid and Windows know it.
    poke(0, 3, Buffer.from('-FVE-FS-'));
    expect(await problem(0)).toBe('bitlocker');
    const luks = Buffer.alloc(1024);
    luks.write('LUKS\xba\xbe\0\x01', 'latin1');
    luks.write('aes', 8, 'latin1');
    luks.write('12345678-1234-1234-1234-123456789abc', 168, 'latin1');
    execFileSync('wipefs', ['--all', volumes[1]?.device ?? ''], { stdio: 'ignore' });
    poke(1, 0, luks);
    expect(await problem(1)).toBe('luks');
  }, 60_000);

  it('tells a Windows that Sysprep has prepared, and captures it with what NTFS keeps', async () => {
    await using made = await fixture('ntfs');
    const { capture, volumes, inside, folder } = made;
    const volume = volumes[0]?.volume ?? '';
    const hives = (state: string) => {
      const registry = nested('Session Manager\\Environment', [
        textValue('PROCESSOR_ARCHITECTURE', 'AMD64'),
      ]);
      const said = [
        nested('Windows NT\\CurrentVersion', [
          textValue('CurrentBuildNumber', '26100'),
          dwordValue('CurrentMajorVersionNumber', 10),
          dwordValue('UBR', 5),
          textValue('EditionID', 'Professional'),
        ]),
        nested('Windows\\CurrentVersion\\Setup\\State', [textValue('ImageState', state)]),
      ];
      const root = (keys: readonly HiveKey[]) =>
        formatHive({ fileName: 'x', lastWritten: 0n, root: key('root', keys) });
      return {
        SYSTEM: root([key('ControlSet001', [key('Control', [registry])])]),
        SOFTWARE: root([key('Microsoft', said)]),
      };
    };
    expect(await capture.inspect(volume, signal)).toEqual({ problem: null, system: null });
    for (const imageState of ['IMAGE_STATE_COMPLETE', 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE']) {
      await inside(0, (root) => {
        for (const [name, bytes] of Object.entries(hives(imageState)))
          put(root, `Windows/System32/config/${name}`, bytes);
      });
      expect((await capture.inspect(volume, signal)).system).toMatchObject({
        kind: 'windows',
        architecture: 'x64',
        version: '10.0.26100.5',
        imageState,
      });
    }
    await inside(0, (root) => {
      put(root, 'Windows/note.txt', 'x');
      put(root, 'Windows/Metalwright/agent.json', '{}');
      execFileSync('setfattr', [
        '-n',
        'user.stream',
        '-v',
        'of two',
        join(root, 'Windows/note.txt'),
      ]);
    });
    const file = join(folder, 'w.wim');
    const { system } = await capture.inspect(volume, signal);
    await captured(made, file, [image(volume, { system, exclude: exclusionsFor(system, []) })]);
    expect(await imagesOf(file)).toMatchObject([
      {
        kind: 'windows',
        architecture: 'x64',
        windows: { version: '10.0.26100.5', edition: 'Professional' },
      },
    ]);
    const listed = execFileSync('wimlib-imagex', ['dir', file, '1'], { encoding: 'utf8' });
    expect(listed).not.toMatch(/Metalwright/);
    const detail = execFileSync(
      'wimlib-imagex',
      ['dir', file, '1', '--detailed', '--path=/Windows/note.txt'],
      { encoding: 'utf8' },
    );
    expect(detail).toMatch(/stream/);
  }, 60_000);
});
