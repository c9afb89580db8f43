import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { ExpectedAdded, ExpectedView } from '../http/api-bench.ts';
import { ExpectedKind, expectedKinds } from '../inventory/expected-device.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

const Options = z.object({
  by: ExpectedKind.default('serial'),
  file: z.string().optional(),
  approve: z.boolean().default(false),
});

/** `metalwright device name` and `device expected`. */
export function deviceNameCommands(device: Command, terminal: Terminal): void {
  withServerOptions(
    device
      .command('name')
      .argument('[key]', 'serial number of the machine, as its label has it')
      .argument('[name]', 'its name, at once or when it comes')
      .description(
        'name machines by serial number, MAC address, asset tag or switch port, also before they come',
      )
      .addOption(
        new Option('--by <what>', 'what the key is').choices(expectedKinds).default('serial'),
      )
      .option('--file <file>', 'many: rows of key,name')
      .option('--approve', 'they need no approval when they come'),
  ).action(async (key: string | undefined, name: string | undefined, raw: unknown) => {
    const { by: kind, file, approve } = Options.parse(raw);
    const rows = file === undefined ? [oneRow(key, name)] : await readRows(file);
    const more = approve ? { approve } : {};
    const json = { devices: rows.map((row) => ({ kind, ...row, ...more })) };
    const { renamed, expected } = await withApi(terminal, raw, (api) =>
      api.call('POST', '/expected-devices', ExpectedAdded, { json }),
    );
    for (const { from, to } of renamed) terminal.out(`${from} is ${to} now\n`);
    const later = expected.filter(({ usedMs }) => usedMs === null).length;
    if (renamed.length < rows.length)
      terminal.out(
        `${rows.length - renamed.length} will be named when they come; ${later} are expected in all\n`,
      );
  });

  withServerOptions(
    device
      .command('expected')
      .description('machines that something was said of before they came')
      .option('--remove <key>', 'expect it no more')
      .addOption(
        new Option('--by <what>', 'what the key is').choices(expectedKinds).default('serial'),
      )
      .option('--json', 'as JSON'),
  ).action(async (raw: unknown) => {
    const { by, remove } = Options.extend({ remove: z.string().optional() }).parse(raw);
    await withApi(terminal, raw, async (api) => {
      if (remove !== undefined) {
        const path = `/expected-devices/${by}/${encodeURIComponent(remove)}`;
        await api.call('DELETE', path, z.null());
        return terminal.out(`${remove} is expected no more\n`);
      }
      writeList(terminal, await api.call('GET', '/expected-devices', z.array(ExpectedView)), {
        json: wantsJson(raw),
        empty: 'no machine is expected: metalwright device name <serial> <name>',
        columns: [
          { title: 'BY', value: (row) => row.kind },
          { title: 'KEY', value: (row) => row.key },
          { title: 'NAME', value: (row) => row.name ?? '' },
          { title: 'APPROVED', value: (row) => (row.approve ? 'yes' : 'no') },
          { title: 'CAME', value: (row) => (row.usedMs === null ? '' : formatTime(row.usedMs)) },
          { title: 'SAID BY', value: (row) => row.who },
        ],
      });
    });
  });
}

function oneRow(key: string | undefined, name: string | undefined) {
  if (key !== undefined && name !== undefined) return { key, name };
  throw new CliError('cli.usage', 'give a key and a name, or --file', {
    hint: 'metalwright device name 7HK4W93 RECEPTION-2',
    exitCode: 2,
  });
}

async function readRows(file: string): Promise<{ key: string; name: string }[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError('cli.file', 'cannot read the names', { where: file, cause: error });
  });
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    const [key = '', name = ''] = line
      .split(/[,;\t]/)
      .map((cell) => cell.trim().replaceAll(/^"|"$/g, ''));
    if (key !== '' && name !== '') return [{ key, name }];
    throw new CliError('cli.usage', 'a row is key,name', {
      where: `${file}, line ${index + 1}`,
      exitCode: 2,
    });
  });
}
