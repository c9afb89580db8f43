import { createHash } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { type Command, Option } from 'commander';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { type ContentManifest, objectPath } from '#agent/protocol/content.ts';
import { checkObject, listObjects } from '../content/point-folder.ts';
import { type DistributedPackages, DistributionPointDetail } from '../http/api-content.ts';
import type { ApiClient } from './api-client.ts';
import { CliError } from './cli-error.ts';
import { wantsJson, withApi, withServerOptions } from './client-command.ts';
import { inParallel } from './in-parallel.ts';
import { listVersions, packagesNamed, readManifest } from './point-content.ts';
import { showPoint } from './point-lookup.ts';
import { shareText } from './share-address.ts';
import type { Terminal } from './terminal.ts';
import { parseCount } from './units.ts';

const VerifyOptions = z.object({
  folder: z.string().optional(),
  package: z.array(z.string()).default([]),
  jobs: z.number().max(32).default(4),
  note: z.boolean().default(true),
});

/** What is wrong with one object, or with the way that it is handed out. */
interface Finding {
  readonly sha256: string;
  readonly packageId: string;
  readonly version: number;
  readonly path: string;
  readonly state: 'missing' | 'damaged';
  readonly detail: string;
}
type Look = (
  object: ContentManifest['objects'][number],
  signal: AbortSignal,
) => Promise<Pick<Finding, 'state' | 'detail'> | undefined>;

/** `metalwright dp verify`. */
export function distributionPointVerifyCommand(dp: Command, terminal: Terminal): void {
  withServerOptions(
    dp
      .command('verify')
      .argument('<dp>', 'name or id')
      .option('--folder <folder>', 'read the files there, instead of asking its web server')
      .option('--package <package...>', 'these packages only, by name or id')
      .option('--no-note', 'tell it here only: the server keeps what it knows')
      .option('--json', 'as JSON')
      .addOption(new Option('--jobs <n>', 'objects at once').argParser(parseCount).default(4))
      .description('read every object that is to be there, and compare its hash'),
  ).action(async (wanted: string, options: unknown) => {
    const wish = VerifyOptions.parse(options);
    const { findings, extra, objects } = await withApi(terminal, options, async (api) =>
      verifyPoint(api, { wanted, wish, terminal }),
    );
    if (wantsJson(options))
      terminal.out(`${JSON.stringify({ objects, findings, extra }, null, 2)}\n`);
    else {
      for (const { state, packageId, version, path, detail } of findings)
        terminal.out(`${state}: ${path} of ${packageId} version ${version}: ${detail}\n`);
      for (const path of extra) terminal.out(`extra: ${path}\n`);
      terminal.out(`${objects} objects were read, ${findings.length} are not right\n`);
    }
    if (findings.length > 0)
      throw new CliError(
        'distribution-point.damaged',
        `${findings.length} of ${objects} objects are missing or damaged`,
        { hint: 'metalwright dp sync puts right ones there' },
      );
  });
}

async function verifyPoint(
  api: ApiClient,
  {
    wanted,
    wish,
    terminal,
  }: {
    readonly wanted: string;
    readonly wish: z.output<typeof VerifyOptions>;
    readonly terminal: Terminal;
  },
): Promise<{
  readonly findings: readonly Finding[];
  readonly extra: readonly string[];
  readonly objects: number;
}> {
  const { signal } = terminal;
  const point = await showPoint(api, wanted);
  const { folder } = wish;
  if (point.url === null && folder === undefined)
    throw new CliError('cli.usage', "the server's own distribution point is read in its folder", {
      hint: 'name --folder <data directory of the server>',
      exitCode: 2,
    });
  if (point.url?.startsWith('smb:') === true && folder === undefined)
    throw new CliError('cli.usage', 'a share is read in its folder', {
      hint: `name --folder <where ${shareText(point.url)} is mounted>`,
      exitCode: 2,
    });
  await using web = openWeb(point.url ?? '', point.ca);
  const look: Look = folder === undefined ? web.look : lookInto(folder);
  const versions = await listVersions(api);
  const named = wish.package.length === 0 ? undefined : packagesNamed(versions, wish.package);
  const all =
    point.url === null
      ? versions
      : versions.filter((one) =>
          point.packages.some(
            ({ packageId, version }) => packageId === one.packageId && version === one.version,
          ),
        );
  const findings: Finding[] = [];
  const known = new Map<string, Pick<Finding, 'state' | 'detail'> | undefined>();
  const notes: DistributedPackages['packages'] = [];
  for (const { packageId, version } of all) {
    if (named !== undefined && !named.has(packageId)) continue;
    const manifest = await readManifest(api, { packageId, version });
    const before = findings.length;
    await inParallel(manifest.objects, wish.jobs, async (object) => {
      const { sha256, path } = object;
      if (!known.has(sha256)) known.set(sha256, await look(object, signal));
      const found = known.get(sha256);
      if (found !== undefined) findings.push({ sha256, packageId, version, path, ...found });
    });
    const first = findings[before];
    const detail = first === undefined ? '' : `${first.path}: ${first.detail}`;
    notes.push({ packageId, version, state: first === undefined ? 'present' : 'damaged', detail });
  }
  const listed = folder === undefined ? undefined : await listObjects(folder);
  const extra =
    listed === undefined || named !== undefined
      ? []
      : [
          ...listed.strange,
          ...[...listed.objects.keys()]
            .filter((sha256) => !known.has(sha256))
            .map((sha256) => `content/${sha256.slice(0, 2)}/${sha256}`),
        ];
  if (wish.note && point.url !== null)
    await api.call('PUT', `/distribution-points/${point.id}/packages`, DistributionPointDetail, {
      json: { packages: notes, only: false } satisfies DistributedPackages,
    });
  return { findings, extra, objects: known.size };
}

function lookInto(folder: string): Look {
  return async (object, signal) => {
    const state = await checkObject(folder, object, 'hash', signal);
    if (state === 'right') return undefined;
    return { state, detail: state === 'missing' ? 'it is not there' : 'it has other bytes' };
  };
}

/** Reads objects as machines do. @param ca PEM of the CA of its certificate, beside those of the system */
function openWeb(base: string, ca: string | null): AsyncDisposable & { readonly look: Look } {
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  const dispatcher = new Agent({ connect: { ca: ca === null ? known : [...known, ca] } });
  return {
    async look({ sha256, sizeBytes }, signal) {
      const url = `${base}${objectPath(sha256)}`;
      if (sizeBytes === 0) return undefined;
      try {
        // A range, as machines ask for one: a server that ignores it costs them the whole file each time.
        const headers = { range: `bytes=0-${sizeBytes - 1}`, 'accept-encoding': 'identity' };
        const answer = await request(url, { dispatcher, signal, headers });
        const { statusCode, headers: told } = answer;
        const coding = told['content-encoding'];
        if (statusCode !== 206 || coding !== undefined) {
          await answer.body.dump();
          const state = statusCode === 404 || statusCode === 410 ? 'missing' : 'damaged';
          const why =
            coding === undefined
              ? `${url} was answered ${statusCode}${statusCode === 200 ? ': it must answer ranges with 206' : ''}`
              : `${url} is sent as ${String(coding)}: no compression may be on`;
          return { state, detail: why };
        }
        const hash = createHash('sha256');
        let size = 0;
        for await (const bytes of answer.body as AsyncIterable<Uint8Array>) {
          hash.update(bytes);
          size += bytes.length;
        }
        if (hash.digest('hex') === sha256) return undefined;
        const detail =
          size === sizeBytes ? 'it has other bytes' : `${size} of ${sizeBytes} bytes came`;
        return { state: 'damaged', detail };
      } catch (error) {
        signal.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        throw new CliError('distribution-point.unreachable', `it does not answer: ${reason}`, {
          where: url,
          hint: 'is its web server running, and does its address in dp list lead to the folder?',
          cause: error,
        });
      }
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy();
    },
  };
}
