import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { DeviceView } from '../http/api.ts';
import { ApprovalMade, ApprovalView, ApprovedMany } from '../http/api-bench.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findDevice, listDevices } from './device-lookup.ts';
import { scopeOf, withScopeOptions } from './device-scope-options.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime, parseCount, parseDuration } from './units.ts';

const MINUTE_MS = 60_000;
const Options = z.object({
  name: z.string().optional(),
  serials: z.string().optional(),
  allWaiting: z.boolean().default(false),
  for: z.number().optional(),
  most: z.number().optional(),
});

/** `metalwright device approve` and `device approvals`. */
export function deviceApproveCommands(device: Command, terminal: Terminal): void {
  withScopeOptions(
    withServerOptions(
      device
        .command('approve')
        .argument('[devices...]', 'id, serial number, MAC address or name')
        .description(
          'let waiting machines have what is deployed to them, or machines before they come',
        )
        .option('--name <name>', 'name of the one device from now on')
        .option(
          '--serials <file>',
          'serial numbers, one a line, also of machines that have not come yet',
        )
        .option('--all-waiting', 'all that wait now'),
    ),
  )
    .addOption(
      new Option('--for <time>', 'how long machines of a scope are approved: 2h').argParser(
        parseDuration,
      ),
    )
    .addOption(
      new Option('--most <count>', 'approve so many of them at most (100)').argParser(parseCount),
    )
    .action(async (wanted: string[], raw: unknown) => {
      const options = Options.parse(raw);
      const scope = scopeOf(raw);
      await withApi(terminal, raw, async (api) => {
        if (Object.keys(scope).length > 0) await stand(api, terminal, { scope, ...options });
        else if (options.name !== undefined) await approveOne(api, terminal, wanted, options.name);
        else await approveMany(api, terminal, wanted, options);
      });
    });

  withServerOptions(
    device
      .command('approvals')
      .description('approvals that stand for a while, and what they have let in')
      .option('--end <id>', 'end this one now')
      .option('--json', 'as JSON'),
  ).action(async (raw: unknown) => {
    const { end } = z.object({ end: z.string().optional() }).parse(raw);
    await withApi(terminal, raw, async (api) => {
      const all = await api.call('GET', '/approvals', z.array(ApprovalView));
      if (end === undefined) return writeApprovals(terminal, all, wantsJson(raw));
      const found = all.filter(({ id, open }) => open && id.startsWith(end.toLowerCase()));
      const [only] = found;
      if (only === undefined || found.length > 1)
        throw new CliError(
          'cli.unknown-name',
          `there is no one open approval ${JSON.stringify(end)}`,
          {
            hint: '"metalwright device approvals" lists them',
          },
        );
      await api.call('DELETE', `/approvals/${only.id}`, z.null());
      terminal.out(`the approval of ${only.scopeText} has ended\n`);
    });
  });
}

async function approveOne(
  api: ApiClient,
  terminal: Terminal,
  wanted: readonly string[],
  name: string,
): Promise<void> {
  const [only, ...others] = wanted;
  if (only === undefined || others.length > 0)
    throw new CliError('cli.usage', '--name is for one device', { exitCode: 2 });
  const found = findDevice(await listDevices(api), only);
  const changed = await api.call('POST', `/devices/${found.id}/approve`, DeviceView, {
    json: { name },
  });
  terminal.out(
    `${changed.name} (${changed.id.slice(0, 8)}) is approved: it goes on within seconds\n`,
  );
}

async function approveMany(
  api: ApiClient,
  terminal: Terminal,
  wanted: readonly string[],
  { serials: file, allWaiting }: z.output<typeof Options>,
): Promise<void> {
  const all = await listDevices(api);
  const waiting = allWaiting ? all.filter(({ state }) => state === 'waiting') : [];
  const devices = [...wanted.map((text) => findDevice(all, text)), ...waiting].map(({ id }) => id);
  const serials = file === undefined ? [] : await readSerials(file);
  if (devices.length === 0 && serials.length === 0) {
    if (allWaiting) return terminal.out('no machine waits for approval\n');
    throw new CliError('cli.usage', 'say which machines', {
      hint: 'name devices, or give --all-waiting, --serials <file>, or --subnet 10.0.5.0/24 --for 2h',
      exitCode: 2,
    });
  }
  const json = { devices, serials };
  const { approved, expected } = await api.call('POST', '/devices/approve', ApprovedMany, { json });
  for (const { id, name } of approved)
    terminal.out(`${name} (${id.slice(0, 8)}) is approved: it goes on within seconds\n`);
  if (expected.length > 0)
    terminal.out(
      `${expected.length} that have not come yet need no approval when they do: ${expected.join(', ')}\n`,
    );
}

async function stand(
  api: ApiClient,
  terminal: Terminal,
  { scope, for: ms, most }: { readonly scope: object } & z.output<typeof Options>,
): Promise<void> {
  if (ms === undefined)
    throw new CliError('cli.usage', 'say for how long with --for', {
      hint: '--for 2h',
      exitCode: 2,
    });
  const forMinutes = Math.max(1, Math.round(ms / MINUTE_MS));
  const json = { scope, forMinutes, ...(most === undefined ? {} : { most }) };
  const { approval, approved } = await api.call('POST', '/approvals', ApprovalMade, { json });
  terminal.out(
    `machines of ${approval.scopeText} are approved until ${formatTime(approval.endsMs)}, ${approval.most} at most (${approval.id.slice(0, 8)})\n`,
  );
  for (const { id, name } of approved)
    terminal.out(`${name} (${id.slice(0, 8)}) waited and is approved\n`);
}

function writeApprovals(terminal: Terminal, all: readonly ApprovalView[], json: boolean): void {
  writeList(terminal, all, {
    json,
    empty: 'no approval stands: metalwright device approve --subnet 10.0.5.0/24 --for 2h',
    columns: [
      { title: 'ID', value: ({ id }) => id.slice(0, 8) },
      { title: 'OPEN', value: ({ open }) => (open ? 'yes' : 'no') },
      { title: 'MACHINES', value: ({ used, most }) => `${used} of ${most}` },
      { title: 'UNTIL', value: ({ endedMs, endsMs }) => formatTime(endedMs ?? endsMs) },
      { title: 'BY', value: ({ who }) => who },
      { title: 'FOR', value: ({ scopeText }) => scopeText },
    ],
  });
}

/** Serial numbers of a file: the first column of each line that is not empty. */
async function readSerials(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new CliError('cli.file', 'cannot read the serial numbers', { where: file, cause: error });
  });
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => (line.split(/[,;\t]/)[0] ?? '').trim().replaceAll(/^"|"$/g, ''))
    .filter((serial) => serial !== '');
}
