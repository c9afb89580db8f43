import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { z } from 'zod';
import { DRIVER_INDEX } from '#agent/drivers/driver-index.ts';
import { FilePackageView, UPLOAD_BATCH, UploadMissing, UploadView } from '../http/api-packages.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { indexDrivers } from './driver-package.ts';
import {
  checkFolder,
  type FolderFile,
  type HashedFile,
  hashFile,
  listFolder,
} from './package-folder.ts';
import { packageProgramCommand } from './package-program.ts';
import { sealFolder } from './seal-folder.ts';
import { writeList } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, formatTime } from './units.ts';

/** Files that are sent at once: the next ones travel while one is synced on the server. */
const AT_ONCE = 4;

const AddOptions = z.object({
  name: z.string().optional(),
  id: z.string().optional(),
  drivers: z.boolean().default(false),
  secret: z.boolean().default(false),
  category: z.array(z.string().trim().min(1).max(255)).max(100).default([]),
});

/** `metalwright package add <folder> [--name <name>]`, `package list`. */
export function packageCommand(program: Command, terminal: Terminal): void {
  const command = program.command('package').description('folders of files that steps use');
  withServerOptions(
    command
      .command('add')
      .argument('<folder>')
      .description('store a folder; a name that exists gets a new version. Begun again, it goes on')
      .option('--name <name>', "name that task sequences refer to (default: the folder's)")
      .option('--id <id>', 'package id, 3 to 16 of A-Z and 0-9 (default: the next free one)')
      .option('--drivers', 'it is a driver package: Auto Apply Drivers chooses among its drivers')
      .option(
        '--secret',
        'seal the files: a machine gets their key while a step that needs them runs',
      )
      .option('--category <name...>', 'with --drivers: categories that a step may limit itself to'),
  ).action(async (folder: string, options: unknown) => {
    const wish = AddOptions.parse(options);
    const { name = basename(resolve(folder)), id, drivers, category, secret } = wish;
    if (secret && drivers)
      throw new CliError('cli.usage', 'a driver package cannot be secret: the server reads it', {
        hint: 'leave out --secret or --drivers',
        exitCode: 2,
      });
    await checkFolder(folder);
    const found = (await listFolder(folder)).filter(({ path }) => path !== DRIVER_INDEX);
    await using index = drivers
      ? await indexDrivers(found, { categories: category }, terminal.signal)
      : undefined;
    await using sealed = secret ? await sealFolder(found, terminal.signal) : undefined;
    const files = index ? [...found, index.file] : (sealed?.files ?? found);
    const kind = index ? 'driver-package' : 'package';
    for (const { path, reason } of index?.others ?? [])
      terminal.err(`${path} is no driver: ${reason}\n`);
    const { made, sent } = await withApi(terminal, options, (api) =>
      uploadPackage(
        api,
        { name, kind, ...(id === undefined ? {} : { id }) },
        { files, contentKey: sealed?.key, signal: terminal.signal },
      ),
    );
    terminal.out(
      `stored "${made.name}"${made.secret ? ', sealed,' : ''} as ${made.id}, version ${made.version}: ${countFiles(made.fileCount)}, ${formatBytes(made.sizeBytes)}; ${sent === 0 ? 'all were there already' : `${sent} sent`}\n`,
    );
  });

  packageProgramCommand(command, terminal);

  withServerOptions(
    command.command('list').description('list stored packages').option('--json', 'as JSON'),
  ).action(async (options: unknown) => {
    const packages = await withApi(terminal, options, (api) =>
      api.call('GET', '/packages', z.array(FilePackageView)),
    );
    writeList(terminal, packages, {
      json: wantsJson(options),
      empty: 'no package is stored yet: metalwright package add <folder>',
      columns: [
        { title: 'ID', value: (row) => row.id },
        { title: 'NAME', value: (row) => row.name },
        { title: 'VERSION', value: (row) => String(row.version) },
        { title: 'FILES', value: (row) => String(row.fileCount) },
        { title: 'SIZE', value: (row) => formatBytes(row.sizeBytes) },
        { title: 'SECRET', value: (row) => (row.secret ? 'yes' : '') },
        { title: 'ADDED', value: (row) => formatTime(row.createdMs) },
      ],
    });
  });
}

interface Wish {
  readonly name: string;
  readonly id?: string;
  readonly kind?: 'package' | 'driver-package';
}

/** Names all files, sends what the server has not, and has one version made of them. */
export async function uploadPackage(
  api: ApiClient,
  { kind = 'package', ...wish }: Wish,
  {
    files,
    contentKey,
    signal,
  }: {
    readonly files: readonly FolderFile[];
    /** Of files that are sealed. */
    readonly contentKey?: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly made: FilePackageView; readonly sent: number }> {
  const { id } = await api.call('POST', '/packages/uploads', UploadView, { json: wish });
  const base = `/packages/uploads/${id}`;
  let sent = 0;
  for (let at = 0; at < files.length; at += UPLOAD_BATCH) {
    const hashed: HashedFile[] = [];
    for (const file of files.slice(at, at + UPLOAD_BATCH))
      hashed.push(await hashFile(file, signal));
    const named = hashed.map(({ path, sizeBytes, sha256 }) => ({ path, sizeBytes, sha256 }));
    const { missing } = await api.call('POST', `${base}/files`, UploadMissing, {
      json: { files: named },
    });
    const wanted = missing.flatMap((sha256) => hashed.find((file) => file.sha256 === sha256) ?? []);
    await sendAll(wanted, (file) => sendFile(api, base, file));
    sent += wanted.length;
  }
  const made = await api.call('POST', `${base}/commit`, FilePackageView, {
    json: { kind, ...(contentKey === undefined ? {} : { contentKey }) },
  });
  return { made, sent };
}

async function sendFile(api: ApiClient, base: string, file: HashedFile): Promise<void> {
  const { sha256, sizeBytes } = file;
  const stream =
    sizeBytes === 0
      ? Readable.from([])
      : createReadStream(file.file, { highWaterMark: 1024 * 1024, end: sizeBytes - 1 });
  try {
    await api.call('PUT', `${base}/objects/${sha256}`, z.null(), { stream, sizeBytes });
  } finally {
    stream.destroy();
  }
}

/** A few at a time; the first that fails ends it when the others that are under way have ended. */
async function sendAll(
  files: readonly HashedFile[],
  send: (file: HashedFile) => Promise<void>,
): Promise<void> {
  const waiting = files.values();
  let failed = false;
  const work = async () => {
    for (const file of waiting) {
      if (failed) return;
      try {
        await send(file);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`;
}
