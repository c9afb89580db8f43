import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ContentManifest } from '#agent/protocol/content.ts';
import { type PackageId, Sha256 } from '#agent/protocol/identity.ts';
import { type ApiClient, openApiClient } from '../cli/api-client.ts';
import { archiveSite } from '../cli/archive-site.ts';
import { SequenceDetail, SequenceView } from '../http/api-sequences.ts';
import { openTestConsole, type TestConsole } from '../http/routes/operator/test-console.ts';
import { exportArchive } from './export-archive.ts';
import { importArchive } from './import-archive.ts';
import type { ArchiveScope } from './manifest.ts';
import type { ConflictRule } from './plan-import.ts';

/** A server with its API, and a folder for archives; for tests. */
export interface TestArchiveSite extends AsyncDisposable {
  readonly console: TestConsole;
  readonly api: ApiClient;
  readonly directory: string;
  /** Stores a text: YAML, unless it is an object. */
  store(text: string | object, more?: object): Promise<SequenceView>;
  detail(name: string): Promise<SequenceDetail>;
  /** Stores a package with files. */
  addPackage(
    wish: { name: string; kind?: ContentManifest['kind']; id?: PackageId },
    files: Readonly<Record<string, string>>,
  ): Promise<{ id: PackageId; name: string; version: number }>;
  /** @returns the archive, and what it says of itself */
  export(
    names: readonly string[],
    scope: ArchiveScope,
    file?: string,
  ): Promise<{ file: string } & Awaited<ReturnType<typeof exportArchive>>>;
  import(file: string, onConflict?: ConflictRule): ReturnType<typeof importArchive>;
}

/** Opens it; everything is closed and deleted when it is disposed. */
export async function openTestSite(): Promise<TestArchiveSite> {
  const console = await openTestConsole({ tls: true });
  await console.services.store.settings.change({ features: { childSequences: true } });
  const directory = await mkdtemp(join(tmpdir(), 'metalwright-archive-'));
  const { signal } = new AbortController();
  const api = await openApiClient(
    {
      serverUrl: await console.listen(),
      tokenFile: console.services.access.tokenFile,
      caFile: join(console.dataDirectory, 'site-ca.pem'),
    },
    signal,
  );
  const site = archiveSite(api);
  return {
    console,
    api,
    directory,
    store(text, more = {}) {
      const written =
        typeof text === 'string'
          ? { text, format: 'yaml' }
          : { text: JSON.stringify(text), format: 'json' };
      return api.call('POST', '/sequences', SequenceView, { json: { ...written, ...more } });
    },
    detail: (name) => api.call('GET', `/sequences/${encodeURIComponent(name)}`, SequenceDetail),
    async addPackage({ name, kind = 'package', id }, files) {
      const upload = await site.begin({ name, id });
      const declared = Object.entries(files).map(([path, text]) => {
        const bytes = Buffer.from(text);
        const sha256 = Sha256.parse(createHash('sha256').update(bytes).digest('hex'));
        return { path, bytes, sizeBytes: bytes.length, sha256 };
      });
      const named = declared.map(({ bytes: _bytes, ...file }) => file);
      const missing = await site.declare(upload, named);
      for (const sha256 of missing) {
        const file = declared.find((each) => each.sha256 === sha256);
        if (file === undefined) continue;
        const { bytes, sizeBytes } = file;
        await site.send(upload, { sha256, sizeBytes, bytes: Readable.from([bytes]) });
      }
      const there = (await site.packages()).find(
        (each) => each.kind === kind && each.name.toLowerCase() === name.toLowerCase(),
      );
      const baseVersion = there?.version ?? 0;
      const images = kind === 'os-image' ? [imageFacts] : [];
      const { packages } = await site.keep({
        packages: [{ upload, kind, images, baseVersion }],
        sequences: [],
      });
      const [made] = packages;
      if (made === undefined) throw new Error('the package was not made');
      return made;
    },
    async export(names, scope, file = join(directory, 'archive.zip')) {
      const all = await site.sequences();
      const wanted = names.map((name) => {
        const found = all.find((each) => each.name === name);
        if (found === undefined) throw new Error(`no sequence ${name}`);
        return found;
      });
      return { file, ...(await exportArchive(site, wanted, { file, scope, signal })) };
    },
    import: (file, onConflict = 'create') => importArchive(site, file, { onConflict, signal }),
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await console[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const imageFacts = {
  index: 1,
  name: 'Lab',
  architecture: 'x64',
  totalBytes: 1000,
  kind: 'windows',
} as const;
