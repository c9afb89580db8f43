import type { Command } from 'commander';
import { DeploymentView } from '../http/api.ts';
import { CollectionCleared, DeploymentStatusView } from '../http/api-deployment-status.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { settingsOf, withSettingOptions } from './deployment-options.ts';
import { formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatTime } from './units.ts';

/** `metalwright deployment show|status|change|withdraw`. */
export function deploymentCommands(deployment: Command, terminal: Terminal): void {
  const pathOf = (id: string) => `/deployments/${encodeURIComponent(id)}`;

  withServerOptions(
    deployment
      .command('show')
      .argument('<deployment>', 'its id')
      .description('all settings of a deployment')
      .option('--json', 'as JSON'),
  ).action(async (id: string, options: unknown) => {
    const view = await withApi(terminal, options, (api) =>
      api.call('GET', pathOf(id), DeploymentView),
    );
    terminal.out(wantsJson(options) ? `${JSON.stringify(view, null, 2)}\n` : textOf(view));
  });

  withServerOptions(
    deployment
      .command('status')
      .argument('<deployment>', 'its id')
      .description('how it stands on the devices of its collection, and why')
      .option('--json', 'as JSON'),
  ).action(async (id: string, options: unknown) => {
    const status = await withApi(terminal, options, (api) =>
      api.call('GET', `${pathOf(id)}/status`, DeploymentStatusView),
    );
    if (wantsJson(options)) {
      terminal.out(`${JSON.stringify(status, null, 2)}\n`);
      return;
    }
    const counts = Object.entries(status.counts).map(([name, count]) => `${count} ${name}`);
    terminal.out(`${counts.join(', ')}\n`);
    if (status.alerts > 0)
      terminal.out(`it never starts by itself on ${status.alerts} of them, as things are\n`);
    if (status.devices.length === 0) return;
    terminal.out(
      formatTable(
        [
          { title: 'DEVICE', value: (row) => row.name },
          { title: 'STANDING', value: (row) => (row.alert ? `${row.standing} !` : row.standing) },
          {
            title: 'LAST OFFERED',
            value: (row) => (row.lastOfferMs === null ? '' : formatTime(row.lastOfferMs)),
          },
          { title: 'CODE', value: (row) => row.code },
          { title: 'WHY', value: (row) => row.reason },
        ],
        status.devices,
        terminal.columns,
      ),
    );
  });

  withServerOptions(
    withSettingOptions(
      deployment
        .command('change')
        .argument('<deployment>', 'its id')
        .description('change settings; what is not named stays, and runs that have started go on'),
      '--for',
    ),
  ).action(async (id: string, options: unknown) => {
    const changed = await withApi(terminal, options, async (api) => {
      const { settings } = await api.call('GET', pathOf(id), DeploymentView);
      const json = settingsOf(options, settings.fallback);
      return await api.call('PUT', pathOf(id), DeploymentView, { json });
    });
    terminal.out(textOf(changed));
  });

  withServerOptions(
    deployment
      .command('withdraw')
      .argument('<deployment>', 'its id')
      .description('take the offer back; runs that have started go on'),
  ).action(async (id: string, options: unknown) => {
    const view = await withApi(terminal, options, (api) =>
      api.call('POST', `${pathOf(id)}/withdraw`, DeploymentView, { json: {} }),
    );
    terminal.out(`${view.id} is withdrawn: "${view.sequence.name}" is offered no more\n`);
  });
}

/** `metalwright collection clear`. */
export function collectionClearCommand(collection: Command, terminal: Terminal): void {
  withServerOptions(
    collection
      .command('clear')
      .argument('<collection>', 'name or id')
      .description('let what has run on its devices run again (Clear Required PXE Deployments)'),
  ).action(async (name: string, options: unknown) => {
    const path = `/collections/${encodeURIComponent(name)}/clear`;
    const { cleared } = await withApi(terminal, options, (api) =>
      api.call('POST', path, CollectionCleared),
    );
    terminal.out(`${cleared} ended ${cleared === 1 ? 'run' : 'runs'} cleared\n`);
  });
}

/** A line for each thing that was said of it. */
function textOf({ settings, sequence, collection, ...rest }: DeploymentView): string {
  const lines = {
    id: rest.id,
    sequence: sequence.name,
    collection: collection.name,
    purpose: rest.purpose,
    state: rest.withdrawn ? 'withdrawn' : 'active',
    made: formatTime(rest.createdMs),
    ...settings,
    ...(rest.scope === null ? {} : { scope: rest.scope }),
  };
  return Object.entries(lines)
    .map(([name, value]) => {
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return `${name.padEnd(22)}  ${text}\n`;
    })
    .join('');
}
