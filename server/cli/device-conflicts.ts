import { type Command, Option } from 'commander';
import { z } from 'zod';
import {
  ConflictView,
  DeviceMerged,
  DeviceSplit,
  SharedView,
} from '../http/api-device-conflicts.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright device conflicts|decide|merge|split|shared`. */
export function deviceConflictCommands(device: Command, terminal: Terminal): void {
  withServerOptions(
    device
      .command('conflicts')
      .description('records that could be one machine, and nobody has decided about')
      .option('--json', 'as JSON'),
  ).action(async (raw: unknown) => {
    const all = await withApi(terminal, raw, (api) =>
      api.call('GET', '/device-conflicts', z.array(ConflictView)),
    );
    writeList(terminal, all, {
      json: wantsJson(raw),
      empty: 'no two records are in conflict',
      columns: [
        { title: 'DEVICE', value: (row) => `${row.device.name} (${row.device.id.slice(0, 8)})` },
        { title: 'OTHER', value: (row) => `${row.other.name} (${row.other.id.slice(0, 8)})` },
        { title: 'LAST SEEN', value: (row) => formatTime(row.lastMs) },
        { title: 'WHY THE OTHER', value: (row) => row.why },
      ],
    });
  });

  withServerOptions(
    device
      .command('decide')
      .argument('<device>', 'the first device of a conflict, by name, id or another identifier')
      .argument('<other>', 'the other one')
      .description('decide about a conflict')
      .addOption(
        new Option(
          '--as <choice>',
          'merge: one machine; new: two machines; block: refuse the first',
        )
          .choices(['merge', 'new', 'block'])
          .makeOptionMandatory(),
      ),
  ).action(async (wanted: string, other: string, raw: unknown) => {
    const { as: action } = z.object({ as: z.string() }).parse(raw);
    const path = `/device-conflicts/${encodeURIComponent(wanted)}/${encodeURIComponent(other)}`;
    await withApi(terminal, raw, (api) => api.call('POST', path, z.null(), { json: { action } }));
    terminal.out(`decided: ${action}\n`);
  });

  withServerOptions(
    device
      .command('merge')
      .argument('<from>', 'the record that goes')
      .argument('<into>', 'the record that stays, and wins where both say something')
      .description(
        'make one record of two: runs, memberships, variables, identifiers and hardware history',
      ),
  ).action(async (from: string, into: string, raw: unknown) => {
    const merged = await withApi(terminal, raw, (api) =>
      api.call('POST', `/devices/${encodeURIComponent(from)}/merge`, DeviceMerged, {
        json: { into },
      }),
    );
    terminal.out(`${merged.device.name} has all of it now, and ${merged.runs} runs came along\n`);
    for (const name of merged.keptVariables)
      terminal.out(`variable ${name}: both had it, that of ${merged.device.name} stayed\n`);
  });

  withServerOptions(
    device
      .command('split')
      .argument('<device>', 'the record that two machines share')
      .argument(
        '<identifiers...>',
        "MAC addresses, GUID, serial number or asset tag that are the other machine's",
      )
      .description('make two records of one; the new one waits for approval')
      .option(
        '--both <identifiers...>',
        'MAC addresses and GUID that both have: shared from now on',
      )
      .option('--name <name>', 'name of the new record')
      .option('--run <ids...>', 'ended runs that were on the other machine'),
  ).action(async (wanted: string, identifiers: string[], raw: unknown) => {
    const { both, name, run } = z
      .object({
        both: z.array(z.string()).optional(),
        name: z.string().optional(),
        run: z.array(z.string()).optional(),
      })
      .parse(raw);
    const { device: rest, made } = await withApi(terminal, raw, (api) =>
      api.call('POST', `/devices/${encodeURIComponent(wanted)}/split`, DeviceSplit, {
        json: { identifiers, both, name, runs: run },
      }),
    );
    terminal.out(
      `${made.name} (${made.id.slice(0, 8)}) was split from ${rest.name} and waits: metalwright device approve ${made.id.slice(0, 8)}\n`,
    );
  });

  withServerOptions(
    device
      .command('shared')
      .description('MAC addresses and GUIDs that several machines have, such as those of docks')
      .option('--add <value>', 'put one on the list: it identifies no machine any more')
      .option('--remove <value>', 'take one off it')
      .option('--why <text>', 'why, for those who read the list')
      .option('--json', 'as JSON'),
  ).action(async (raw: unknown) => {
    const {
      add,
      remove,
      why = '',
    } = z
      .object({
        add: z.string().optional(),
        remove: z.string().optional(),
        why: z.string().optional(),
      })
      .parse(raw);
    await withApi(terminal, raw, async (api) => {
      if (add !== undefined)
        await api.call('POST', '/shared-identifiers', SharedView, { json: { value: add, why } });
      const all = await api.call('GET', '/shared-identifiers', z.array(SharedView));
      if (remove !== undefined) {
        const plain = (text: string) => text.toLowerCase().replaceAll(/[^0-9a-f]/g, '');
        const found = all.find(({ value }) => plain(value) === plain(remove));
        if (found === undefined)
          throw new CliError('cli.unknown-name', `${remove} is not on the list`, {
            hint: 'metalwright device shared shows it',
          });
        await api.call('DELETE', `/shared-identifiers/${found.kind}/${found.value}`, z.null());
        return terminal.out(`${found.value} identifies machines again\n`);
      }
      writeList(terminal, all, {
        json: wantsJson(raw),
        empty: 'none is known',
        columns: [
          { title: 'KIND', value: (row) => row.kind },
          { title: 'VALUE', value: (row) => row.value },
          { title: 'LEARNED', value: (row) => (row.learned ? 'yes' : 'no') },
          { title: 'SINCE', value: (row) => formatTime(row.atMs) },
          { title: 'WHY', value: (row) => row.why },
        ],
      });
    });
  });
}
