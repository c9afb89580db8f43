import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { rewriteDocumentText } from './rewrite.ts';
import {
  add,
  documentOf,
  listOf,
  move,
  remove,
  type TestNode,
  unwrap,
  wrap,
  writtenDocument,
} from './testing/written-document.ts';

const change = fc.constantFrom(remove, move, add, wrap, unwrap, move);

describe('M14 rewriting any document', () => {
  it('gives the new value, and each step that is left has its comments, once', () => {
    fc.assert(
      fc.property(writtenDocument, fc.array(change, { maxLength: 3 }), fc.gen(), (doc, all, g) => {
        const { text, nodes } = doc;
        expect(parse(text)).toEqual(documentOf(nodes));
        let changed: readonly TestNode[] = nodes;
        for (const each of all) changed = each(changed, (below) => g(fc.nat, { max: below - 1 }));
        if (changed.length === 0) return;
        const result = rewriteDocumentText(text, documentOf(changed));
        expect(parse(result)).toEqual(documentOf(changed));
        if (changed === nodes) expect(result).toBe(text);
        const lines = result.split(/\r?\n/);
        for (const { id, isGroup } of listOf(changed).filter(({ id }) => id < 1000)) {
          const at = lines.findIndex((line) => line.trim() === `# above ${id}`);
          expect(lines.filter((line) => line.trim() === `# above ${id}`)).toHaveLength(1);
          const named = `- ${isGroup ? 'group' : 'step'}: (["']?)N${id}\\1 # behind ${id}$`;
          expect(lines[at + 1]).toMatch(new RegExp(named));
          for (const comment of [`# of the params ${id}`, `# of the script ${id}`])
            if (text.includes(`${comment}\n`)) expect(result).toContain(comment);
        }
        for (const comment of ['# Head', '# of the name', '# all', '# Foot'])
          expect(lines.filter((line) => line.includes(comment))).toHaveLength(1);
        if (text.includes('\r\n')) expect(result.replaceAll('\r\n', '')).not.toContain('\n');
      }),
      { numRuns: 400 },
    );
  });

  const word = fc.constantFrom(
    '',
    'a',
    'b c',
    'yes',
    '5',
    'x: y',
    '# z',
    'é\n d\n',
    "it's",
    '\t',
    '- q',
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      word,
      fc.integer({ min: -2, max: 3 }),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(word, tie('value'), { maxKeys: 4 }),
      fc.record({
        name: word,
        steps: fc.array(fc.dictionary(word, tie('value')), { maxLength: 3 }),
      }),
      fc.record(
        { group: word, steps: fc.array(tie('value'), { maxLength: 3 }) },
        { requiredKeys: ['group'] },
      ),
    ),
  }));
  const style = fc.record({
    indent: fc.constantFrom(2, 3, 4),
    indentSeq: fc.boolean(),
    collectionStyle: fc.constantFrom<'any' | 'flow'>('any', 'flow'),
    defaultStringType: fc.constantFrom<'PLAIN' | 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | 'BLOCK_FOLDED'>(
      'PLAIN',
      'QUOTE_DOUBLE',
      'QUOTE_SINGLE',
      'BLOCK_FOLDED',
    ),
    lineWidth: fc.constantFrom(0, 20),
  });

  it('gives the new value, whatever the old text and the new value are', () => {
    fc.assert(
      fc.property(value, value, style, (old, fresh, options) => {
        const text = stringify(old, { ...options, aliasDuplicateObjects: false });
        expect(parse(rewriteDocumentText(text, fresh))).toEqual(fresh);
      }),
      { numRuns: 500 },
    );
  });

  it('gives the new value as JSON where the text is JSON', () => {
    fc.assert(
      fc.property(value, value, fc.constantFrom('', '  ', '\t', '    '), (old, fresh, unit) => {
        const text = `${JSON.stringify(old, null, unit)}\n`;
        const result = rewriteDocumentText(text, fresh);
        expect(JSON.parse(result)).toEqual(fresh);
      }),
      { numRuns: 400 },
    );
  });
});
