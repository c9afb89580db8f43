import type { Command } from 'commander';
import { z } from 'zod';
import { MediaView } from '../http/api-media.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findByName } from './find-by-name.ts';
import { mediaLookup } from './media-lookup.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes } from './units.ts';
import { chooseDisk, listed } from './usb/choose-disk.ts';
import { type Disk, describeDisk, type ListDisks, listDisks } from './usb/usb-disk.ts';
import { writeImage } from './usb/write-image.ts';

const Options = z.object({
  device: z.string().optional(),
  serial: z.string().optional(),
  yes: z.boolean().default(false),
});

/** `metalwright media devices` and `media write`: on the machine where the stick is. */
export function mediaWriteCommands(
  media: Command,
  terminal: Terminal,
  disks: ListDisks = listDisks,
): void {
  media
    .command('devices')
    .description('list the USB disks of this machine')
    .option('--json', 'as JSON')
    .action(async (options: unknown) => {
      writeList(
        terminal,
        (await disks()).filter(({ isUsb }) => isUsb),
        {
          json: wantsJson(options),
          empty: 'no USB disk is plugged in here',
          columns: [
            { title: 'DEVICE', value: (disk) => disk.path },
            { title: 'MODEL', value: (disk) => disk.model },
            { title: 'SERIAL', value: (disk) => disk.serial },
            { title: 'SIZE', value: (disk) => formatBytes(disk.sizeBytes) },
            { title: 'IN USE', value: (disk) => disk.uses.join(', ') },
          ],
        },
      );
    });

  withServerOptions(
    media
      .command('write')
      .argument('<media>', 'label or id')
      .description('write an image to a USB stick of this machine, and read it back')
      .option('--device <serial>', 'serial or path of the stick; media devices lists them')
      .option('--serial <serial>', 'with --yes: its serial again, which is else asked for')
      .option('--yes', 'ask nothing: everything on the stick with --serial is overwritten'),
  ).action(async (wanted: string, raw: unknown) => {
    await withApi(terminal, raw, async (api) => {
      const found = findByName(
        await api.call('GET', '/media', z.array(MediaView)),
        wanted,
        mediaLookup,
      );
      await writeMedia(api, found, { terminal, disks, options: Options.parse(raw) });
    });
  });
}

interface Writing {
  readonly terminal: Terminal;
  readonly disks: ListDisks;
  readonly options: z.output<typeof Options>;
}

async function writeMedia(
  api: ApiClient,
  { id, label, sizeBytes, state, form }: MediaView,
  { terminal, disks, options }: Writing,
): Promise<void> {
  if (state !== 'ready')
    throw new CliError('media.not-ready', `"${label}" are not there: ${state}`, {
      hint: `metalwright media show ${id}`,
    });
  if (form !== 'iso')
    throw new CliError('media.form', `"${label}" are no image: ${form}`, {
      hint: 'metalwright media download fetches them: a folder for a stick with FAT32, a WIM for metalwright-agent stage',
    });
  const name = options.device ?? options.serial;
  if (name === undefined)
    throw new CliError('usb.not-named', 'it is not said which stick is to be overwritten', {
      hint: `--device <serial>; ${listed(await disks())}`,
      exitCode: 2,
    });
  const disk = chooseDisk(await disks(), name, sizeBytes);
  await confirm(disk, label, { terminal, options });
  // A person may have taken their time: it is to be the same stick still.
  const now = chooseDisk(await disks(), disk.path, sizeBytes);
  if (now.serial !== disk.serial || now.sizeBytes !== disk.sizeBytes)
    throw new CliError('usb.gone', `${disk.path} is another stick now: ${describeDisk(now)}`);
  const image = await api.download(`/media/${id}/file`);
  const told = { write: -1, verify: -1 };
  const sha256 = await writeImage(
    image,
    {
      path: disk.path,
      sizeBytes,
      onProgress({ phase, fraction }) {
        const tenth = Math.floor(fraction * 10);
        if (tenth <= told[phase]) return;
        told[phase] = tenth;
        terminal.out(`${phase === 'write' ? 'written' : 'read back'}: ${tenth * 10} %\n`);
      },
      isThere: async () =>
        (await disks()).some(({ path, serial }) => path === disk.path && serial === disk.serial),
    },
    terminal.signal,
  ).finally(() => image.destroy());
  terminal.out(
    `"${label}" is on ${describeDisk(disk)}, read back and the same (SHA-256 ${sha256}); it may be pulled out\n`,
  );
}

/** Nobody overwrites a stick by a slip of the finger: what is printed on it is typed. */
async function confirm(
  disk: Disk,
  label: string,
  { terminal, options }: Pick<Writing, 'terminal' | 'options'>,
): Promise<void> {
  const word = disk.serial === '' ? disk.path : disk.serial;
  const what = disk.serial === '' ? 'path' : 'serial';
  const no = (typed: string): CliError =>
    new CliError('usb.not-confirmed', `${typed}: nothing was written to ${describeDisk(disk)}`, {
      hint: `its ${what} is to be typed, or given: --serial ${word} --yes`,
    });
  if (options.yes) {
    if (options.serial === word) return;
    throw no(options.serial === undefined ? '--yes needs --serial' : `not "${options.serial}"`);
  }
  if (terminal.dialogue === undefined) throw no('there is nobody to ask');
  using dialogue = terminal.dialogue();
  dialogue.say(`${describeDisk(disk)}\nEverything on it is overwritten with "${label}".\n`);
  const typed = (await dialogue.ask(`Type its ${what} to go on: `)).trim();
  if (typed !== word) throw no(`"${typed}" was typed`);
}
