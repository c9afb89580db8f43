import { setTimeout as wait } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { MediaKind } from '#media/description.ts';
import { MediaView } from '../http/api-media.ts';
import { MediaForm } from '../media/media-record.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { readPassword } from './read-password.ts';
import { saveMedia } from './save-media.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes } from './units.ts';

const LOOK_MS = 1_000;

const Options = z.object({
  label: z.string(),
  password: z.boolean().default(false),
  passwordFile: z.string().optional(),
  validFrom: z.number().optional(),
  validUntil: z.number().optional(),
  unknown: z.boolean().default(false),
  variable: z.array(z.string()).default([]),
  secretFile: z.array(z.string()).default([]),
  prestart: z.string().optional(),
  sequence: z.string().optional(),
  unattended: z.boolean().default(false),
  serverAddress: z.string().optional(),
  wait: z.boolean(),
  form: MediaForm.extract(['iso', 'folder']).default('iso'),
  output: z.string().optional(),
});

/** `metalwright media create <kind>`. */
export function mediaCreateCommand(media: Command, terminal: Terminal): void {
  withServerOptions(
    media
      .command('create')
      .addArgument(media.createArgument('<kind>').choices([...MediaKind.options]))
      .description('make media in the background, and wait until they are there')
      .requiredOption('--label <label>', 'what it is called, and the name of the disc')
      .option('--password', 'protect it with a password, which is asked for')
      .option('--password-file <file>', 'protect it with a password from a file')
      .option('--valid-from <moment>', 'when it begins to be good: 2027-01-15', parseMoment)
      .option('--valid-until <moment>', 'when it ceases to be good', parseMoment)
      .option('--unknown', 'also for machines that the site has no record of')
      .option('--variable <NAME=VALUE...>', 'over the variables of devices and collections')
      .option('--secret-file <NAME=FILE...>', 'secret variables, each with its value in a file')
      .option('--sequence <sequence>', 'stand-alone: what it runs; prestaged: what is staged of')
      .option('--unattended', 'stand-alone: begin without a person')
      .option('--prestart <command>', 'run before anything else; it may set variables')
      .option('--server-address <address>', 'of this server, as the machines reach it')
      .addOption(
        new Option('--form <form>', 'a folder is for a stick with FAT32, and UEFI alone')
          .choices(['iso', 'folder'])
          .default('iso'),
      )
      .option('--output <file>', 'fetch the image or folder when it is made')
      .addOption(new Option('--no-wait', 'come back at once')),
  ).action(async (kind: string, raw: unknown) => {
    const options = Options.parse(raw);
    const json = {
      kind,
      label: options.label,
      ...(await passwordOf(options, terminal)),
      ...(options.validFrom === undefined ? {} : { validFromMs: options.validFrom }),
      ...(options.validUntil === undefined ? {} : { validUntilMs: options.validUntil }),
      form: options.form,
      unknownComputers: options.unknown,
      unattended: options.unattended,
      ...(options.sequence === undefined ? {} : { sequence: options.sequence }),
      variables: [
        ...options.variable.map((text) => variableOf(text)),
        ...(await Promise.all(options.secretFile.map((text) => secretOf(text, terminal)))),
      ],
      ...(options.prestart === undefined ? {} : { prestart: options.prestart }),
      ...(options.serverAddress === undefined ? {} : { serverAddress: options.serverAddress }),
    };
    await withApi(terminal, raw, async (api) => {
      const begun = await api.call('POST', '/media', MediaView, { json });
      for (const { code, message } of begun.facts.warnings)
        terminal.out(`warning: ${message} (${code})\n`);
      if (!options.wait && options.output === undefined) {
        terminal.out(`making ${begun.id}: metalwright media show ${begun.id}\n`);
        return;
      }
      const made = await waitForMedia(api, begun, terminal);
      terminal.out(`made "${made.label}" (${made.id}), ${formatBytes(made.sizeBytes)}\n`);
      if (options.output === undefined) return;
      await saveMedia(api, made, options.output);
      terminal.out(`saved as ${options.output}\n`);
    });
  });
}

async function waitForMedia(
  api: ApiClient,
  begun: MediaView,
  terminal: Terminal,
): Promise<MediaView> {
  let told = -1;
  for (;;) {
    const now = await api.call('GET', `/media/${begun.id}`, MediaView);
    if (now.state === 'ready') return now;
    if (now.state !== 'making')
      throw new CliError(
        'cli.media',
        `"${now.label}" were not made: ${now.error === null ? now.state : `${now.error.code}: ${now.error.message}`}`,
        now.error?.hint === undefined ? {} : { hint: now.error.hint },
      );
    const tenth = Math.floor((now.progress ?? 0) * 10);
    if (tenth > told) terminal.out(`${tenth * 10} %\n`);
    told = Math.max(told, tenth);
    await wait(LOOK_MS, undefined, { signal: terminal.signal });
  }
}

async function passwordOf(
  { password, passwordFile }: z.output<typeof Options>,
  terminal: Terminal,
): Promise<{ readonly password?: string }> {
  if (!password && passwordFile === undefined) return {};
  return { password: await readPassword(terminal, passwordFile) };
}

function variableOf(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=');
  if (at > 0) return { name: text.slice(0, at), value: text.slice(at + 1) };
  throw new CliError('cli.usage', `${text} is no NAME=VALUE`, { exitCode: 2 });
}

async function secretOf(text: string, terminal: Terminal) {
  const { name, value: file } = variableOf(text);
  return { name, value: await readPassword(terminal, file), secret: true };
}

/** A moment, or a day, which begins at midnight UTC. @throws {InvalidArgumentError} */
function parseMoment(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(ms)) return ms;
  throw new InvalidArgumentError('write a day, 2027-01-15, or a moment, 2027-01-15T18:00Z');
}
