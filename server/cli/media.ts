import type { Command } from 'commander';
import { z } from 'zod';
import { MediaView } from '../http/api-media.ts';
import type { ApiClient } from './api-client.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { findByName } from './find-by-name.ts';
import { mediaCreateCommand } from './media-create.ts';
import { mediaLookup } from './media-lookup.ts';
import { mediaWriteCommands } from './media-write.ts';
import { saveMedia } from './save-media.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes } from './units.ts';

/** `metalwright media create|list|show|download|devices|write|cancel|block|unblock|delete`. */
export function mediaCommand(program: Command, terminal: Terminal): void {
  const media = program
    .command('media')
    .description('discs and USB sticks that machines start from');
  mediaCreateCommand(media, terminal);

  withServerOptions(
    media.command('list').description('list media').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    writeList(terminal, await withApi(terminal, options, listMedia), {
      json: wantsJson(options),
      empty: 'there are no media: metalwright media create bootable --label <label>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'LABEL', value: (row) => row.label },
        { title: 'KIND', value: (row) => row.kind },
        { title: 'STATE', value: (row) => stateOf(row) },
        { title: 'SIZE', value: (row) => (row.sizeBytes === 0 ? '' : formatBytes(row.sizeBytes)) },
        { title: 'GOOD UNTIL', value: (row) => told(row.validUntilMs) },
      ],
    });
  });

  one('show', 'tell of media', async (_api, found, options) => {
    const text = wantsJson(options) ? JSON.stringify(found, null, 2) : describe(found).join('\n');
    terminal.out(`${text}\n`);
  }).option('--json', 'as JSON');

  one(
    'download',
    'fetch the image: a disc, or, written to it byte for byte, a USB stick; or the folder',
    async (api, found, options) => {
      const name = found.label.replaceAll(/[^\w.-]+/g, '-');
      const { output = found.form === 'folder' ? name : `${name}.${found.form}` } = z
        .object({ output: z.string().optional() })
        .parse(options);
      const bytes = await saveMedia(api, found, output);
      terminal.out(`saved as ${output}, ${formatBytes(bytes)}\n`);
    },
  ).option('--output <file>', 'default: its label');
  mediaWriteCommands(media, terminal);

  one('cancel', 'stop the making of media', async (api, { id, label }) => {
    await api.call('POST', `/media/${id}/cancel`, MediaView);
    terminal.out(`"${label}" are not made\n`);
  });

  one(
    'block',
    'let machines that start from media begin no run any more',
    async (api, { id, label }, options) => {
      const { reason = '' } = z.object({ reason: z.string().optional() }).parse(options);
      await api.call('PUT', `/media/${id}/block`, MediaView, { json: { blocked: true, reason } });
      terminal.out(`"${label}" are blocked\n`);
    },
  ).option('--reason <text>', 'shown at the machine');

  one('unblock', 'let media start machines again', async (api, { id, label }) => {
    await api.call('PUT', `/media/${id}/block`, MediaView, { json: { blocked: false } });
    terminal.out(`"${label}" are not blocked\n`);
  });

  one(
    'delete',
    'delete media; what was made of them begins no run any more',
    async (api, { id, label }) => {
      await api.call('DELETE', `/media/${id}`, z.null());
      terminal.out(`"${label}" are deleted\n`);
    },
  );

  /** A command about media that are there. */
  function one(
    word: string,
    description: string,
    act: (api: ApiClient, found: MediaView, options: unknown) => Promise<void>,
  ): Command {
    return withServerOptions(
      media.command(word).argument('<media>', 'label or id').description(description),
    ).action(async (wanted: string, options: unknown) => {
      await withApi(terminal, options, async (api) =>
        act(api, findByName(await listMedia(api), wanted, mediaLookup), options),
      );
    });
  }
}

async function listMedia(api: ApiClient): Promise<MediaView[]> {
  return api.call('GET', '/media', z.array(MediaView));
}

const formNames = { iso: 'an image', folder: 'a folder', wim: 'a WIM' } as const;

function describe(media: MediaView): readonly string[] {
  const { facts, error } = media;
  return [
    `"${media.label}" (${media.id}), ${media.kind}, ${formNames[media.form]}`,
    `${stateOf(media)}, ${formatBytes(media.sizeBytes)}, on ${media.server}`,
    `made by ${media.madeBy}, ${told(media.createdMs)}`,
    `good from ${told(media.validFromMs) || 'the beginning'} until ${told(media.validUntilMs) || 'it is blocked'}`,
    media.password ? 'opens by a password' : 'has no password',
    media.unknownComputers ? 'for unknown machines, too' : 'for machines that the site knows',
    `variables: ${facts.variables.join(', ') || 'none'}; prestart command: ${facts.hasPrestart ? 'yes' : 'none'}`,
    ...facts.warnings.map(({ code, message }) => `warning: ${message} (${code})`),
    ...(error === null ? [] : [`${error.code}: ${error.message}`]),
  ];
}

function stateOf({ state, progress, blockedMs, blockedReason }: MediaView): string {
  if (blockedMs !== null) return `blocked${blockedReason === '' ? '' : `: ${blockedReason}`}`;
  return progress === null ? state : `${state}, ${Math.round(progress * 100)} %`;
}

function told(ms: number | null): string {
  return ms === null ? '' : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
