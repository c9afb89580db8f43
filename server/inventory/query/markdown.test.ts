import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { queryFields } from './fields.ts';
import { formatClassDocs, formatFieldDocs } from './markdown.ts';
import { parseQuery } from './parse.ts';
import { wqlClasses } from './wql-classes.ts';

const docs = readFile(new URL('../../../docs/collections.md', import.meta.url), 'utf8');

it('M12 has the fields and classes of queries in docs/collections.md', async () => {
  expect(await docs).toContain(`\n${formatFieldDocs()}\n`);
  expect(await docs).toContain(`\n${formatClassDocs()}\n`);
});

it('reads each query that docs/collections.md shows, and has each field that a class names', async () => {
  const blocks = [...(await docs).matchAll(/```query\n([\s\S]*?)```/g)].map(
    ([, text = '']) => text,
  );
  const queries = blocks.flatMap((text) => text.trim().split('\n'));
  expect(queries.length).toBeGreaterThan(5);
  for (const query of queries) expect(() => parseQuery(query), query).not.toThrow();
  expect(wqlClasses.every(({ properties }) => properties.size > 0)).toBe(true);
  const names = new Set(queryFields.map(({ name }) => name));
  for (const { properties } of wqlClasses)
    for (const { property, field } of properties.values())
      expect(names.has(field.name) || property === 'TotalPhysicalMemory', property).toBe(true);
});
