import { mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { z } from 'zod';
import type { ContentManifest } from '#agent/protocol/content.ts';
import { objectPath } from '#agent/protocol/content.ts';
import type { PackageId } from '#agent/protocol/identity.ts';
import { ContentError } from '../content/error.ts';
import { checkObject, listObjects, putObject, removeObject } from '../content/point-folder.ts';
import { type DistributedPackages, DistributionPointDetail } from '../http/api-content.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { withApi, withServerOptions } from './client-command.ts';
import { inParallel } from './in-parallel.ts';
import {
  listVersions,
  type PointVersion,
  packagesNamed,
  readManifest,
  versionsFor,
} from './point-content.ts';
import { showPoint } from './point-lookup.ts';
import type { Terminal } from './terminal.ts';
import { formatBytes, parseCount } from './units.ts';

const SyncOptions = z.object({
  to: z.string().min(1),
  package: z.array(z.string()).default([]),
  remove: z.array(z.string()).default([]),
  all: z.boolean().default(false),
  prune: z.boolean().default(false),
  verify: z.boolean().default(false),
  jobs: z.number().max(32).default(4),
});
type SyncOptions = z.output<typeof SyncOptions>;
type Held = DistributionPointDetail['packages'];

/** `metalwright dp sync`. */
export function distributionPointSyncCommand(dp: Command, terminal: Terminal): void {
  withServerOptions(
    dp
      .command('sync')
      .argument('<dp>', 'name or id')
      .requiredOption('--to <folder>', 'folder that the web server hands out')
      .option('--package <package...>', 'packages and images to put there, by name or id')
      .option('--all', 'everything that this site has')
      .option('--remove <package...>', 'packages that it is to have no more')
      .option('--prune', 'delete what is no longer used, without asking')
      .option('--verify', 'read again what is there already')
      .addOption(new Option('--jobs <n>', 'objects at once').argParser(parseCount).default(4))
      .description('fill a distribution point, or bring what is on it up to date'),
  ).action(async (wanted: string, options: unknown) => {
    const wish = SyncOptions.parse(options);
    await withApi(terminal, options, async (api) => {
      const point = await showPoint(api, wanted);
      if (point.url === null)
        throw new CliError('distribution-point.server', 'the server has everything already', {
          hint: 'make another one known: metalwright dp add',
        });
      await using _lock = await lockFolder(wish.to);
      await syncPoint(api, { point, wish, terminal });
    });
  });
}

async function syncPoint(
  api: ApiClient,
  parts: {
    readonly point: DistributionPointDetail;
    readonly wish: SyncOptions;
    readonly terminal: Terminal;
  },
): Promise<void> {
  const { point, wish, terminal } = parts;
  const versions = await listVersions(api);
  const packages = wantedPackages(versions, point.packages, wish);
  const wanted = versionsFor(versions, packages, point.packages);
  if (wanted.length === 0 && point.packages.length === 0)
    throw new CliError('cli.usage', 'nothing is on it, and nothing was named to put there', {
      hint: 'name --package <name>, or --all',
      exitCode: 2,
    });
  const used = new Set<string>();
  let sentBytes = 0;
  for (const version of wanted) {
    const manifest = await readManifest(api, version);
    for (const { sha256 } of manifest.objects) used.add(sha256);
    const sent = await fillPackage(api, manifest, { ...parts, isKnown: isKnown(point, version) });
    sentBytes += sent.bytes;
    await note(api, point, [{ ...pick(version), state: 'present' }]);
    if (sent.count > 0)
      terminal.out(
        `${version.packageId} version ${version.version} "${version.name}": ${sent.count} of ${manifest.objects.length} files, ${formatBytes(sent.bytes)}\n`,
      );
  }
  const pruned = await prune({ ...parts, used });
  // What was not deleted is still there: an older version goes on to be told.
  const kept = pruned ? [] : point.packages.filter(({ packageId }) => packages.has(packageId));
  const left = kept.filter((one) => !wanted.some((other) => isSame(one, other)));
  await note(
    api,
    point,
    [
      ...wanted.map((one) => ({ ...pick(one), state: 'present' as const })),
      ...left.map((one) => ({ ...pick(one), state: one.state, detail: one.detail })),
    ],
    true,
  );
  terminal.out(
    `"${point.name}" has ${wanted.length} ${wanted.length === 1 ? 'package' : 'packages'}, ${used.size} objects; ${formatBytes(sentBytes)} were written to ${wish.to}\n`,
  );
}

function wantedPackages(
  versions: Awaited<ReturnType<typeof listVersions>>,
  held: Held,
  { all, package: named, remove }: SyncOptions,
): ReadonlySet<PackageId> {
  const there = all
    ? versions.map(({ packageId }) => packageId)
    : held.map(({ packageId }) => packageId);
  const added = packagesNamed(versions, named);
  const removed = packagesNamed(versions, remove);
  return new Set([...there, ...added].filter((id) => !removed.has(id)));
}

/** Whether its objects were all right when they were last looked at; then their sizes are enough. */
function isKnown(point: DistributionPointDetail, version: PointVersion): boolean {
  return point.packages.some((one) => isSame(one, version) && one.state === 'present');
}

async function fillPackage(
  api: ApiClient,
  manifest: ContentManifest,
  { wish, terminal, isKnown }: Parameters<typeof syncPoint>[1] & { readonly isKnown: boolean },
): Promise<{ readonly count: number; readonly bytes: number }> {
  const { to } = wish;
  const { signal } = terminal;
  const how = isKnown && !wish.verify ? 'size' : 'hash';
  const objects = new Map(manifest.objects.map((object) => [object.sha256, object]));
  const missing: (typeof manifest.objects)[number][] = [];
  await inParallel(objects.values(), wish.jobs, async (object) => {
    const state = await checkObject(to, object, how, signal);
    if (state === 'damaged')
      terminal.out(`${object.path} of ${manifest.packageId} is damaged there: it is replaced\n`);
    if (state !== 'right') missing.push(object);
  });
  const bytes = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const { bavail, bsize } = await statfs(to);
  if (bytes > bavail * bsize)
    throw new CliError(
      'distribution-point.no-space',
      `${manifest.packageId} version ${manifest.version} needs ${formatBytes(bytes)}, ${formatBytes(bavail * bsize)} are free`,
      { where: to, hint: 'make room there, or take packages off it: --remove, --prune' },
    );
  await inParallel(missing, wish.jobs, async (object) => {
    const read = (from: number) => api.download(objectPath(object.sha256), from);
    await putObject(to, object, read, signal).catch((error: unknown) => {
      throw toCliError(error, to);
    });
  });
  return { count: missing.length, bytes };
}

/** Deletes objects of no package here, after asking. Returns whether nothing of them is left. */
async function prune({
  wish,
  terminal,
  used,
}: Parameters<typeof syncPoint>[1] & { readonly used: ReadonlySet<string> }): Promise<boolean> {
  const { objects, strange } = await listObjects(wish.to);
  if (strange.length > 0)
    terminal.out(`left alone, for it is no object: ${strange.slice(0, 5).join(', ')}\n`);
  const rest = [...objects].filter(([sha256]) => !used.has(sha256));
  if (rest.length === 0) return true;
  const size = formatBytes(rest.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0));
  const what = `${rest.length} objects that are no longer used, ${size}`;
  if (!wish.prune) {
    using dialogue = terminal.dialogue?.();
    const answer = await dialogue?.ask(`delete ${what}? [y/N] `);
    if (answer?.trim().toLowerCase() !== 'y') {
      terminal.out(`${what}, are still there: --prune deletes them\n`);
      return false;
    }
  }
  for (const [sha256] of rest) await removeObject(wish.to, sha256);
  terminal.out(`deleted ${what}\n`);
  return true;
}

async function note(
  api: ApiClient,
  { id }: DistributionPointDetail,
  packages: DistributedPackages['packages'],
  only = false,
): Promise<void> {
  const json: DistributedPackages = { packages, only };
  await api.call('PUT', `/distribution-points/${id}/packages`, DistributionPointDetail, { json });
}

/** One sync a folder at a time: two would write one partial file. */
async function lockFolder(folder: string): Promise<AsyncDisposable> {
  const path = join(folder, '.metalwright-sync');
  try {
    await mkdir(folder, { recursive: true });
    const before = await readFile(path, 'utf8').catch(() => '');
    const [host, pid = ''] = before.trim().split(' ');
    const isOld = before !== '' && host === hostname() && !isRunning(Number(pid));
    if (isOld) await rm(path, { force: true });
    await using file = await open(path, 'wx');
    await file.writeFile(`${hostname()} ${process.pid}\n`);
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'EEXIST')
      throw new CliError('distribution-point.busy', 'another sync fills this folder', {
        where: path,
        hint: 'wait until it has ended; if none runs on any machine, delete that file',
      });
    throw toCliError(error, folder);
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && Reflect.get(error, 'code') === 'EPERM';
  }
}

function toCliError(error: unknown, folder: string): unknown {
  if (error instanceof CliError) return error;
  if (error instanceof ContentError) {
    const { code, message, hint } = error;
    return new CliError(code, message, { where: folder, ...(hint === undefined ? {} : { hint }) });
  }
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new CliError('distribution-point.no-space', 'the disk is full', {
      where: folder,
      hint: 'make room there, and begin again: it goes on where it broke off',
    });
  if (typeof code !== 'string') return error;
  const message = error instanceof Error ? error.message : code;
  return new CliError('distribution-point.folder', message, {
    where: folder,
    hint: 'may this user write there?',
    cause: error,
  });
}

function isSame(
  one: Pick<PointVersion, 'packageId' | 'version'>,
  other: Pick<PointVersion, 'packageId' | 'version'>,
): boolean {
  return one.packageId === other.packageId && one.version === other.version;
}

function pick({ packageId, version }: Pick<PointVersion, 'packageId' | 'version'>) {
  return { packageId, version };
}
