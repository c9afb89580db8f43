import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SequenceId } from '#agent/protocol/identity.ts';
import { steps as registry } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { formatDocumentText } from '../documents/format-text.ts';
import { importAll } from '../import/import-all.ts';
import { readImportFiles } from '../import/import-files.ts';
import { mapSourceStep } from '../import/map-source-step.ts';
import { exportArchive } from './export-archive.ts';
import { importArchive } from './import-archive.ts';
import { fakeExportSite, fakeImportSite } from './test-fake-site.ts';

const samples =
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../shared/samples');
const { signal } = new AbortController();

it.each(['task-sequences', 'exports'])(
  'M24 the samples in %s go through an archive unchanged, but for their secrets',
  async (folder) => {
    const files = await readImportFiles([join(samples, folder)]);
    const { sequences } = importAll(files, { registry, mapStep: mapSourceStep });
    const all = sequences.map(({ document, comments }, index) => ({
      id: SequenceId.parse(`MW1${String(index).padStart(5, '0')}`),
      name: String(Reflect.get(Object(document), 'name')),
      version: 1,
      text: formatDocumentText(document, { format: 'yaml', comments }),
    }));
    const site = {
      ...fakeExportSite('', {}),
      sequences: async () => all,
      packages: async () => [],
      async document(id: SequenceId) {
        const found = all.find((each) => each.id === id);
        if (found === undefined) throw new Error(id);
        return { ...found, state: 'draft', format: 'yaml' } as const;
      },
    };
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-samples-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const file = join(directory, 'all.zip');
    const { secrets } = await exportArchive(site, all, { file, scope: 'content', signal });
    const to = fakeImportSite();
    await importArchive(to, file, { onConflict: 'create', signal });
    const texts = to.kept[0]?.sequences.map(({ text }) => text) ?? [];
    expect(texts.length).toBe(all.length);
    expect(all.length).toBeGreaterThan(10);
    const withSecrets = new Set(secrets.map(({ sequence }) => sequence));
    for (const [index, { id, text }] of all.entries())
      if (!withSecrets.has(id)) expect(texts[index]).toBe(text);
      else expect(() => readDocumentText(texts[index] ?? '')).not.toThrow();
    console.info(`${all.length} sequences, ${withSecrets.size} with secrets`);
  },
  120_000,
);
