import type { Command } from 'commander';
import { z } from 'zod';
import { FeatureView } from '../http/api-variables.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';

/** `metalwright feature list|enable|disable`. */
export function featureCommand(program: Command, terminal: Terminal): void {
  const feature = program
    .command('feature')
    .description('features that are off until somebody switches them on');
  withServerOptions(
    feature.command('list').description('list them').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const features = await withApi(terminal, options, (api) =>
      api.call('GET', '/features', z.array(FeatureView)),
    );
    writeList(terminal, features, {
      json: wantsJson(options),
      empty: 'there is no such feature',
      columns: [
        { title: 'NAME', value: (row) => row.name },
        { title: 'STATE', value: (row) => (row.enabled ? 'on' : 'off') },
        { title: 'WHAT IT IS', value: (row) => row.description },
      ],
    });
  });

  for (const change of ['enable', 'disable'] as const) {
    withServerOptions(
      feature
        .command(change)
        .argument('<name>')
        .description(change === 'enable' ? 'switch one on' : 'switch one off'),
    ).action(async (name: string, options: unknown) => {
      const json = { enabled: change === 'enable' };
      const changed = await withApi(terminal, options, (api) =>
        api.call('PUT', `/features/${encodeURIComponent(name)}`, FeatureView, { json }),
      );
      terminal.out(`${changed.name} is ${changed.enabled ? 'on' : 'off'} now\n`);
    });
  }
}
