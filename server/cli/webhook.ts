import type { Command } from 'commander';
import { z } from 'zod';
import { WebhookMade, WebhookView } from '../http/api-webhooks.ts';
import { WebhookEvent } from '../inventory/webhook.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { parseNames } from './units.ts';

const AddOptions = z.object({ events: z.array(WebhookEvent) });

/** `metalwright webhook add|list|test|enable|remove`. */
export function webhookCommand(program: Command, terminal: Terminal): void {
  const webhook = program.command('webhook').description('who is told of runs and machines');
  withServerOptions(
    webhook
      .command('add')
      .argument('<url>')
      .description('tell a URL of events; prints the secret that deliveries are signed with, once')
      .option('--events <events>', `of ${WebhookEvent.options.join(', ')}`, parseNames, [
        'run-succeeded',
        'run-failed',
        'run-forked',
      ])
      .option('--json', 'as JSON'),
  ).action(async (url: string, options: unknown) => {
    const json = { url, ...AddOptions.parse(options) };
    const made = await withApi(terminal, options, (api) =>
      api.call('POST', '/webhooks', WebhookMade, { json }),
    );
    terminal.out(
      wantsJson(options)
        ? `${JSON.stringify(made, null, 2)}\n`
        : `${made.id} is told of ${made.events.join(', ')}\nsecret: ${made.secret}\n`,
    );
  });

  withServerOptions(
    webhook.command('list').description('list them').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const rows = await withApi(terminal, options, (api) =>
      api.call('GET', '/webhooks', z.array(WebhookView)),
    );
    writeList(terminal, rows, {
      json: wantsJson(options),
      empty: 'there is none: metalwright webhook add <url>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'STATE', value: (row) => row.state },
        { title: 'EVENTS', value: (row) => row.events.join(',') },
        { title: 'URL', value: (row) => row.url },
        { title: 'LAST FAILURE', value: (row) => row.reason },
      ],
    });
  });

  for (const [name, what, done] of [
    ['test', 'send a test', 'a test is on its way: metalwright webhook list says when it fails'],
    ['enable', 'switch one on again that was disabled', 'it is on again'],
    ['remove', 'tell it nothing any more', 'removed'],
  ] as const)
    withServerOptions(webhook.command(name).argument('<id>').description(what)).action(
      async (id: string, options: unknown) => {
        const path = `/webhooks/${encodeURIComponent(id)}`;
        await withApi(terminal, options, (api) =>
          name === 'remove'
            ? api.call('DELETE', path, z.unknown())
            : api.call('POST', `${path}/${name}`, z.unknown()),
        );
        terminal.out(`${done}\n`);
      },
    );
}
