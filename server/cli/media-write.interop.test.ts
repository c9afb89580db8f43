import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTestBootImage } from '#media/build/media-plan.testing.ts';
import { MediaView } from '../http/api-media.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { asCliError } from './cli-error.ts';
import { mediaWriteCommands } from './media-write.ts';
import { silentTerminal } from './testing/silent-terminal.ts';
import { attachLoopDisk, noLoopDevices } from './usb/loop-disk.testing.ts';
import type { Disk } from './usb/usb-disk.ts';

let bootImages = '';
let site: TestConsole;
let url = '';
let media: MediaView;
let file: Buffer;
const SIZE = 96 * 1024 ** 2;

beforeAll(async () => {
  bootImages = await makeTestBootImage();
  site = await openTestConsole({ tls: true, bootImageDirectory: bootImages });
  url = await site.listen();
  const call = async (method: 'GET' | 'POST', path: string, payload?: object) =>
    site.app.inject({
      method,
      url: `/api/v1/media${path}`,
      headers: { authorization: `Bearer ${site.token}` },
      ...(payload === undefined ? {} : { payload }),
    });
  media = MediaView.parse((await call('POST', '', { kind: 'bootable', label: 'Bench' })).json());
  while (media.state === 'making') {
    await wait(50);
    media = MediaView.parse((await call('GET', `/${media.id}`)).json());
  }
  expect(media.state).toBe('ready');
  file = (await call('GET', `/${media.id}/file`)).rawPayload;
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
  await rm(bootImages, { recursive: true });
});

/** Runs `metalwright media ...` where these disks are; a person types these lines, or there is none. */
async function command(disks: readonly Disk[], words: readonly string[], typed?: string) {
  let out = '';
  const program = new Command().exitOverride();
  const dialogue = () => ({
    say: (text: string) => {
      out += text;
    },
    ask: async (question: string) => {
      out += question;
      return typed ?? '';
    },
    [Symbol.dispose]: () => {},
  });
  const terminal = {
    ...silentTerminal,
    out: (text: string) => {
      out += text;
    },
    ...(typed === undefined ? {} : { dialogue }),
  };
  mediaWriteCommands(program.command('media'), terminal, async () => disks);
  try {
    await program.parseAsync(['media', ...words], { from: 'user' });
    return { out, code: undefined };
  } catch (error) {
    return { out, code: asCliError(error)?.code ?? String(error) };
  }
}
const write = async (disk: Disk, more: readonly string[], typed?: string) =>
  command(
    [disk],
    ['write', 'Bench', '--server', url, '--data', site.dataDirectory, ...more],
    typed,
  );

describe.skipIf(noLoopDevices() !== undefined)('M41 metalwright media write', () => {
  it('lists USB disks alone', async () => {
    await using stick = await attachLoopDisk(join(bootImages, 'listed'), SIZE);
    const { out } = await command(
      [{ ...stick, path: '/dev/sda', isUsb: false }, stick],
      ['devices'],
    );
    expect(out).toContain(stick.path);
    expect(out).toContain('LOOP-1');
    expect(out).not.toContain('/dev/sda');
  });

  it('writes the image where the serial of the stick is typed, and reads it back', async () => {
    await using stick = await attachLoopDisk(join(bootImages, 'typed'), SIZE);
    const { out, code } = await write(stick, ['--device', 'LOOP-1'], 'LOOP-1');
    expect(code).toBeUndefined();
    expect(out).toContain(`${stick.path}: Loop, serial LOOP-1, 101 MB`);
    expect(out).toMatch(
      /Everything on it is overwritten[\s\S]*written: 100 %[\s\S]*read back: 100 %/,
    );
    const written = await readFile(join(bootImages, 'typed'));
    expect(written.subarray(0, file.length).equals(file)).toBe(true);
  });

  it('writes it for a script that gives the serial', async () => {
    await using stick = await attachLoopDisk(join(bootImages, 'given'), SIZE);
    expect((await write(stick, ['--serial', 'LOOP-1', '--yes'])).code).toBeUndefined();
    expect((await readFile(join(bootImages, 'given'))).subarray(0, 512)).toEqual(
      file.subarray(0, 512),
    );
  });

  it('asks for the path of a stick without a serial', async () => {
    await using stick = await attachLoopDisk(join(bootImages, 'nameless'), SIZE);
    const nameless = { ...stick, serial: '' };
    const { out, code } = await write(nameless, ['--device', stick.path], stick.path);
    expect(code).toBeUndefined();
    expect(out).toContain('Type its path');
  });

  it.each([
    { name: 'another serial is typed', words: ['--device', 'LOOP-1'], typed: 'LOOP' },
    { name: 'nobody can be asked', words: ['--device', 'LOOP-1'] },
    { name: '--yes comes alone', words: ['--device', 'LOOP-1', '--yes'] },
    { name: 'another serial is given', words: ['--device', 'LOOP-1', '--serial', 'X', '--yes'] },
  ])('writes nothing where $name', async ({ words, typed }) => {
    await using stick = await attachLoopDisk(join(bootImages, 'untouched'), SIZE);
    expect((await write(stick, words, typed)).code).toBe('usb.not-confirmed');
    const kept = await readFile(join(bootImages, 'untouched'));
    expect(kept.subarray(0, 4096)).toEqual(Buffer.alloc(4096));
  });

  it('names what is wrong before it asks', async () => {
    await using stick = await attachLoopDisk(join(bootImages, 'wrong'), SIZE);
    expect((await write(stick, [], 'LOOP-1')).code).toBe('usb.not-named');
    const inner = { ...stick, isUsb: false };
    expect(await write(inner, ['--device', 'LOOP-1'], 'LOOP-1')).toEqual({
      out: '',
      code: 'usb.internal',
    });
  });
});
