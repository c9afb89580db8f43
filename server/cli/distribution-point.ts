import type { Command } from 'commander';
import { z } from 'zod';
import { DistributionPointDetail } from '../http/api-content.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { distributionPointSyncCommand } from './distribution-point-sync.ts';
import { distributionPointVerifyCommand } from './distribution-point-verify.ts';
import { findPoint, listPoints, showPoint } from './point-lookup.ts';
import { readTextFile } from './sequence-file.ts';
import { shareText, shareUrl } from './share-address.ts';
import { formatTable, writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

const SetOptions = z.object({
  name: z.string().optional(),
  url: z.string().optional(),
  share: z.string().optional(),
  ca: z.string().optional(),
  systemCas: z.literal(true).optional(),
  forgetFaults: z.literal(true).optional(),
});

/** `metalwright dp add|list|show|set|enable|disable|remove|sync|verify`. */
export function distributionPointCommand(program: Command, terminal: Terminal): void {
  const dp = program
    .command('dp')
    .description('distribution points: web servers and shares that have content near the machines');
  withServerOptions(
    dp
      .command('add')
      .argument('<name>')
      .option('--url <url>', 'what is in front of /content/… there, http or https')
      .option('--share <//server/share>', 'a share, or a folder of it, that dp sync fills')
      .option('--group <boundary group...>', 'boundary groups whose machines use it')
      .option('--ca <file>', 'PEM file of the CA that its HTTPS certificate is of')
      .description('make a distribution point known; dp sync fills it'),
  ).action(async (name: string, options: unknown) => {
    const {
      url: web,
      share,
      group: groups,
      ca: file,
    } = z
      .object({
        url: z.string().optional(),
        share: z.string().optional(),
        group: z.array(z.string()).default([]),
        ca: z.string().optional(),
      })
      .parse(options);
    const url = addressOf(web, share);
    if (url === undefined)
      throw new CliError('cli.usage', 'where is it?', {
        hint: 'name --url http://10.9.0.2:8080 or --share //server/content',
        exitCode: 2,
      });
    const ca = file === undefined ? undefined : await readTextFile(file);
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/distribution-points', DistributionPointDetail, {
        json: { name, url, ca, groups },
      }),
    );
    terminal.out(
      `made distribution point "${made.name}" (${made.id}) at ${shareText(made.url ?? '')}\n`,
    );
    if (made.groups.length === 0)
      terminal.out('no machine uses it yet: metalwright boundary-group set <group> --point <dp>\n');
  });

  withServerOptions(
    dp.command('list').description('list distribution points').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    writeList(terminal, await withApi(terminal, options, listPoints), {
      json: wantsJson(options),
      empty: 'there is no distribution point',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'ADDRESS', value: (row) => addressText(row.url) },
        { title: 'STATE', value: (row) => (row.enabled ? 'enabled' : 'disabled') },
        { title: 'PACKAGES', value: (row) => `${row.current} of ${row.total}` },
        { title: 'DAMAGED', value: (row) => String(Math.max(row.damaged, row.faults)) },
        { title: 'BOUNDARY GROUPS', value: (row) => row.groups.map((one) => one.name).join(', ') },
      ],
    });
  });

  withServerOptions(
    dp
      .command('show')
      .argument('<dp>', 'name or id')
      .description('what is on it, and what machines could not have from there')
      .option('--json', 'as JSON'),
  ).action(async (wanted: string, options: unknown) => {
    const detail = await withApi(terminal, options, async (api) => showPoint(api, wanted));
    if (wantsJson(options)) terminal.out(`${JSON.stringify(detail, null, 2)}\n`);
    else terminal.out(describePoint(detail));
  });

  withServerOptions(
    dp
      .command('set')
      .argument('<dp>', 'name or id')
      .description('change it; what is not named stays')
      .option('--name <name>')
      .option('--url <url>')
      .option('--share <//server/share>', 'it is a share, or a folder of one')
      .option('--ca <file>', 'PEM file of the CA that its HTTPS certificate is of')
      .option('--system-cas', 'its certificate is of a CA that systems know')
      .option('--forget-faults', 'forget what machines could not have from there'),
  ).action(async (wanted: string, options: unknown) => {
    const {
      forgetFaults,
      ca: file,
      systemCas,
      url: web,
      share,
      ...change
    } = SetOptions.parse(options);
    const url = addressOf(web, share);
    const json = {
      ...change,
      ...(url === undefined ? {} : { url }),
      ...(file === undefined ? {} : { ca: await readTextFile(file) }),
      ...(systemCas === true ? { ca: null } : {}),
      ...(forgetFaults === true ? { clearFaults: true } : {}),
    };
    const changed = await changePoint(terminal, options, wanted, json);
    terminal.out(describePoint(changed));
  });

  for (const word of ['enable', 'disable'] as const)
    withServerOptions(
      dp
        .command(word)
        .argument('<dp>', 'name or id')
        .description(word === 'enable' ? 'machines use it' : 'no machine is sent there'),
    ).action(async (wanted: string, options: unknown) => {
      const json = { enabled: word === 'enable' };
      const { name } = await changePoint(terminal, options, wanted, json);
      terminal.out(`"${name}" is ${word}d\n`);
    });

  withServerOptions(
    dp
      .command('remove')
      .argument('<dp>', 'name or id')
      .description('forget it; its files stay where they are'),
  ).action(async (wanted: string, options: unknown) => {
    const { name } = await withApi(terminal, options, async (api) => {
      const found = await findPoint(api, wanted);
      await api.call('DELETE', `/distribution-points/${found.id}`, z.null());
      return found;
    });
    terminal.out(`"${name}" is removed\n`);
  });
  distributionPointSyncCommand(dp, terminal);
  distributionPointVerifyCommand(dp, terminal);
}

async function changePoint(
  terminal: Terminal,
  options: unknown,
  wanted: string,
  json: unknown,
): Promise<DistributionPointDetail> {
  return await withApi(terminal, options, async (api) => {
    const { id } = await findPoint(api, wanted);
    return await api.call('PUT', `/distribution-points/${id}`, DistributionPointDetail, { json });
  });
}

/** @throws {CliError} `cli.usage` where both are named, or the share is none */
function addressOf(url: string | undefined, share: string | undefined): string | undefined {
  if (url !== undefined && share !== undefined)
    throw new CliError('cli.usage', 'a distribution point is a web server or a share', {
      hint: 'name --url or --share',
      exitCode: 2,
    });
  return share === undefined ? url : shareUrl(share);
}

function addressText(url: string | null): string {
  return url === null ? 'as machines reach this server' : shareText(url);
}

function describePoint(point: DistributionPointDetail): string {
  const { name, id, url, ca, enabled, groups, packages, reported } = point;
  const where = groups.map((group) => `"${group.name}"`).join(', ');
  const head = `"${name}" (${id}), ${addressText(url)}, ${enabled ? 'enabled' : 'disabled'}\n${ca === null ? '' : 'its certificate is of a CA of its own\n'}boundary groups: ${where || 'none, so no machine uses it'}\n`;
  const held =
    url === null
      ? `it has all ${point.total} packages\n`
      : packages.length === 0
        ? 'nothing is on it yet: metalwright dp sync\n'
        : formatTable(
            [
              { title: 'PACKAGE', value: (row) => row.packageId },
              { title: 'NAME', value: (row) => row.name },
              { title: 'VERSION', value: (row) => String(row.version) },
              { title: 'NEWEST', value: (row) => String(row.newest) },
              { title: 'STATE', value: (row) => row.state },
              { title: 'CHECKED', value: (row) => formatTime(row.checkedMs) },
              { title: 'DETAIL', value: (row) => row.detail },
            ],
            packages,
          );
  if (reported.length === 0) return `${head}${held}`;
  const faults = formatTable(
    [
      { title: 'OBJECT', value: (row) => row.sha256.slice(0, 16) },
      { title: 'WHAT', value: (row) => row.kind },
      { title: 'TIMES', value: (row) => String(row.reports) },
      { title: 'LAST', value: (row) => formatTime(row.lastMs) },
      { title: 'OF', value: (row) => row.packages.join(', ') },
      { title: 'DETAIL', value: (row) => row.detail },
    ],
    reported,
  );
  return `${head}${held}machines could not have from there:\n${faults}`;
}
