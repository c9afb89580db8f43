import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { taskSequenceJsonSchema } from '#agent/sequence/json-schema.ts';
import { steps } from '#agent/steps/index.ts';
import { readDocumentText } from '../document-text.ts';
import { importAll } from '../import/import-all.ts';
import { readImportFiles } from '../import/import-files.ts';
import { mapSourceStep } from '../import/map-source-step.ts';
import { moveNode } from './edit-document.ts';
import { formatDocumentText } from './format-text.ts';
import { rewriteDocumentText } from './rewrite.ts';

const samples =
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../shared/samples');

describe('M24 the documents made of the samples', () => {
  let documents: readonly unknown[];
  beforeAll(async () => {
    const files = await readImportFiles([join(samples, 'task-sequences')]);
    const { sequences } = importAll(files, { registry: steps, mapStep: mapSourceStep });
    documents = sequences.map(({ document }) => JSON.parse(JSON.stringify(document)));
    expect(documents.length).toBe(157);
  }, 120_000);

  it('are taken by the JSON Schema', () => {
    const ajv = new Ajv2020({ allowUnionTypes: true });
    const validate = ajv.compile(taskSequenceJsonSchema(steps));
    for (const document of documents)
      expect(validate(document) ? '' : ajv.errorsText(validate.errors)).toBe('');
  });

  it('are read again as they were written, as YAML and as JSON', () => {
    for (const document of documents)
      for (const format of ['yaml', 'json'] as const)
        expect(readDocumentText(formatDocumentText(document, { format })).value).toEqual(document);
  }, 120_000);

  it('have other lines only where a step is moved', () => {
    for (const document of documents) {
      const { steps: nodes }: { steps: readonly unknown[] } = Object(document);
      if (nodes.length < 2) continue;
      const last = String(nodes.length - 1);
      const moved = moveNode(document, last, { where: 'before', node: '0' });
      const text = formatDocumentText(document, { format: 'yaml' });
      const rewritten = rewriteDocumentText(text, moved);
      expect(readDocumentText(rewritten).value).toEqual(moved);
      const lines = (of: string) => of.split('\n').filter(Boolean).sort();
      expect(lines(rewritten)).toEqual(lines(text));
    }
  }, 240_000);
});
