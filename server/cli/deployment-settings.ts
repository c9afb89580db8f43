import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { SiteDeploymentsChange } from '../http/api-deployment-settings.ts';
import { SiteDeployments } from '../inventory/site-deployments.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const yesNo = z.enum(['yes', 'no']).transform((text) => text === 'yes');
const SettingsOptions = z.object({
  timeZone: z.string().optional(),
  defaultSize: z.number().optional(),
  maximumSize: z.number().optional(),
  servers: z.enum(['block', 'warn']).optional(),
  schedulesInPe: yesNo.optional(),
  generalWindows: yesNo.optional(),
  contentWait: z.number().optional(),
});

/** `metalwright deployment settings`: shows what holds for all deployments of the site, and changes it. */
export function deploymentSettingsCommand(deployment: Command, terminal: Terminal): void {
  withServerOptions(
    deployment
      .command('settings')
      .description('what holds for all deployments; what is named is changed')
      .option('--time-zone <zone>', 'what local time is: UTC, or a name like Europe/Berlin')
      .option('--default-size <n>', 'members from which on high-risk warns; 0: never', parseSize)
      .option('--maximum-size <n>', 'members above which high-risk is refused; 0: never', parseSize)
      .addOption(
        new Option('--servers <what>', 'high-risk to collections with servers').choices([
          'block',
          'warn',
        ]),
      )
      .addOption(
        new Option('--schedules-in-pe <yes|no>', 'machines in a PE obey schedules').choices([
          'yes',
          'no',
        ]),
      )
      .addOption(
        new Option(
          '--general-windows <yes|no>',
          'general windows count beside those for task sequences',
        ).choices(['yes', 'no']),
      )
      .option('--content-wait <minutes>', 'how long required ones wait for content', parseSize)
      .option('--json', 'as JSON'),
  ).action(async (rawOptions: unknown) => {
    const change = changeOf(rawOptions);
    const settings = await withApi(terminal, rawOptions, (api) =>
      Object.keys(change).length === 0
        ? api.call('GET', '/deployment-settings', SiteDeployments)
        : api.call('PUT', '/deployment-settings', SiteDeployments, { json: change }),
    );
    if (wantsJson(rawOptions)) {
      terminal.out(`${JSON.stringify(settings, null, 2)}\n`);
      return;
    }
    terminal.out(
      formatTable(
        [
          { title: 'SETTING', value: ([name]) => name },
          { title: 'VALUE', value: ([, value]) => String(value) },
        ],
        Object.entries(settings),
      ),
    );
  });
}

function changeOf(rawOptions: unknown): SiteDeploymentsChange {
  const { schedulesInPe, generalWindows, contentWait, ...same } = SettingsOptions.parse(rawOptions);
  const change = {
    ...same,
    enforceSchedulesInPe: schedulesInPe,
    generalWindowsBesideSpecific: generalWindows,
    contentWaitMinutes: contentWait,
  };
  return SiteDeploymentsChange.parse(
    Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
  );
}

function parseSize(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('write a whole number');
  return Number(text);
}
