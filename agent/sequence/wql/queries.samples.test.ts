import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { parseWql } from './parse.ts';

const folder =
  process.env['METALWRIGHT_SAMPLES'] ?? resolve(import.meta.dirname, '../../../../shared/samples');
const samples = join(folder, 'task-sequences');
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.endsWith('.xml'))
  : [];

/** UTF-16 with a byte order mark, else UTF-8. */
function textOf(name: string): string {
  const bytes = readFileSync(join(samples, name));
  const isWide = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isWide ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** Every `<variable name="Query">` of a document, also of one that lies as text inside another. */
function queriesOf(text: string): string[] {
  const parser = new XMLParser({
    ignoreAttributes: false,
    parseTagValue: false,
    preserveOrder: true,
    processEntities: { enabled: true, maxTotalExpansions: 1_000_000, maxExpandedLength: 1e8 },
  });
  const queries: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    const inner = Reflect.get(value, '#text');
    if (typeof inner === 'string' && /<sequence\b/.test(inner)) walk(parser.parse(inner));
    const name = Object(Reflect.get(value, ':@'))['@_name'];
    const variable = Reflect.get(value, 'variable');
    if (name === 'Query' && Array.isArray(variable))
      queries.push(variable.map((part) => String(Object(part)['#text'] ?? '')).join(''));
    else for (const child of Object.values(value)) walk(child);
  };
  walk(parser.parse(text));
  return queries;
}

const queries = files.flatMap((name) => queriesOf(textOf(name)).map((query) => ({ name, query })));
console.log(
  files.length === 0
    ? `samples: no task sequences in ${samples}`
    : `samples: ${queries.length} WMI queries in ${files.length} task sequences`,
);

describe.skipIf(files.length === 0)('M03 WMI queries of task sequences that others made', () => {
  it('are found, every one that the files name', () => {
    const named = files.flatMap(
      (name) => textOf(name).match(/<variable\s[^>]*name="Query"[^>]*>[^<]/g) ?? [],
    );
    expect(queries.length).toBe(named.length);
    expect(queries.length).toBeGreaterThan(0);
  });

  it.each([...new Map(queries.map((found) => [found.query, found])).values()])(
    '$query',
    ({ query }) => {
      const { className } = parseWql(query.trim());
      expect(className).toMatch(/^\w+$/);
    },
  );
});
