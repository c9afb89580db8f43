import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_XML_DEPTH, MAX_XML_PARTS } from '#media/xml/scan-xml.ts';
import { ImportError } from '../import-error.ts';
import { childOf, parseXml, type XmlElement } from './xml.ts';

const refusal = (code: string, text: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(text) });

describe('M24 parseXml', () => {
  it('keeps order, text, CDATA, comments and the places of elements', () => {
    const text = `<?xml version="1.0" encoding='utf-8'?>
<!-- first --><?editor it's "open" ?>
<a b="1&#x41;
2" c='>"'>
  t&amp;&lt;<b/><!-- before c --><c x = "1">y<![CDATA[<&amp;]]]]><![CDATA[>]]></c>
<toString/><!-- last --></a >
`;
    const root = parseXml(text, 'f');
    expect(root).toMatchObject({
      name: 'a',
      line: 3,
      attributes: { b: '1A 2', c: '>"' },
      text: '\n  t&<\n',
      comments: [' first '],
      lastComments: [' last '],
    });
    expect(root.children.map(({ name, line, column }) => [name, line, column])).toEqual([
      ['b', 5, 13],
      ['c', 5, 34],
      ['toString', 6, 1],
    ]);
    expect(childOf(root, 'c')).toMatchObject({
      text: 'y<&amp;]]>',
      comments: [' before c '],
      xml: '<c x = "1">y<![CDATA[<&amp;]]]]><![CDATA[>]]></c>',
    });
  });

  it('leaves values as text, and trims nothing', () => {
    const root = parseXml('<a b=" 007 " c="true">  1e3\r\n&#13;\t</a>', 'f');
    expect(root.attributes).toEqual({ b: ' 007 ', c: 'true' });
    expect(root.text).toBe('  1e3\n\r\t');
  });

  it('takes names that mean something to JavaScript for names', () => {
    const root = parseXml(
      '<a __proto__="1" constructor="2"><hasOwnProperty>3</hasOwnProperty></a>',
      'f',
    );
    expect(Object.entries(root.attributes)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    expect(root.children[0]).toMatchObject({ name: 'hasOwnProperty', text: '3' });
  });

  it.each([
    ['', 'line 1, column 1'],
    ['<a>', 'line 1, column 1'],
    ['<a>\n<b>\n</a>\n</b>', 'line 3, column 1'],
    ['<a><b>', 'line 1, column 7'],
    ['x<a/>', 'line 1, column 1'],
    ['<a/>\nx', 'line 2, column 1'],
    ['<a/><b/>', 'line 1, column 5'],
    ['<a>\n</a><b></b>', 'line 2, column'],
    ['<a b=1/>', 'line 1, column 4'],
    ['<a b="1" b="2"/>', 'line 1, column'],
    ['<a>\n <b c="/></a>', 'line 2, column 7'],
    ['<a', 'line 1, column 1'],
    ['<a b="1"=/>', '"=/" behind a value, line 1, column 9'],
    ['<a>\n<b c="x>\n<d e=""/></a>', 'a value is never closed, or has a < in it, line 2, column 6'],
    ['<a>\n<!-- x</a>', 'a comment is never closed, line 2'],
    ['<a>\n<![CDATA[ x</a>', 'a CDATA section is never closed, line 2'],
    ['<?xml', 'a processing instruction is never closed, line 1'],
    ['<a>\n  &foo;</a>', '"&foo;" is no character, line 2, column 3'],
    ['<a b="&#0;"/>', '"&#0;" is no character, line 1, column 7'],
    ['<a b="&#xd800;"/>', '"&#xd800;" is no character'],
    ['<a>\r\n&</a>', '"&" is no character, line 2, column 1'],
    ['<a>\u0000</a>', 'U+0000, which no XML has, line 1, column 4'],
    ['<constructor/>', 'line 1, column 1'],
    ['no XML at all', 'line 1, column 1'],
  ])('says where %j is not well-formed', (text, reason) => {
    expect(() => parseXml(text, 'f.xml')).toThrow(refusal('import.xml', reason));
    expect(() => parseXml(text, 'f.xml')).toThrow(/^f\.xml: /);
  });

  it.each([
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>',
    '<!doctype html><a/>',
    '<a><!ENTITY x "y"></a>',
  ])('refuses %s', (text) => {
    expect(() => parseXml(text, 'f')).toThrow(refusal('import.xml-doctype', 'line 1, column'));
  });

  it('refuses a hundred levels, and takes as many as are allowed', () => {
    const nested = (levels: number): string => '<a>'.repeat(levels) + '</a>'.repeat(levels);
    expect(depthOf(parseXml(nested(MAX_XML_DEPTH), 'f'))).toBe(MAX_XML_DEPTH);
    expect(() => parseXml(nested(MAX_XML_DEPTH + 1), 'f')).toThrow(
      refusal('import.xml-depth', `line 1, column ${MAX_XML_DEPTH * 3 + 1}`),
    );
    const flat = `${'<a>'.repeat(MAX_XML_DEPTH)}<b/>${'</a>'.repeat(MAX_XML_DEPTH)}`;
    expect(() => parseXml(flat, 'f')).toThrow(refusal('import.xml-depth', 'line 1'));
  });

  it('refuses more elements and attributes than allowed, alone and with others', () => {
    const many = `<a>${'<b c=""/>'.repeat(MAX_XML_PARTS / 2)}</a>`;
    expect(() => parseXml(many, 'f')).toThrow(refusal('import.xml-size', 'line 1'));
    const budget = { left: 10 };
    parseXml('<a><b/><c d=""/></a>', 'f', budget);
    expect(budget.left).toBe(5);
    expect(() => parseXml('<a><b/><c d=""/><e/></a>', 'f', budget)).toThrow(
      refusal('import.xml-size', 'line 1'),
    );
  });

  it('reads any tree that is written out', () => {
    fc.assert(
      fc.property(tree, (element) => {
        expect(plain(parseXml(written(element), 'f'))).toEqual(element);
      }),
      { numRuns: 300 },
    );
  });

  it('gives a tree or an error with a code and a place for any text', () => {
    const piece = fc.constantFrom(
      ...'< > / = " \' & ; ! ? - [ ] a b:c <a> </a> <b/> <!-- --> <![CDATA[ ]]> <? ?> &amp; &#65;'.split(
        ' ',
      ),
      ' ',
      '\n',
      '\u{1f600}',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parseXml(pieces.join(''), 'f');
        } catch (error) {
          expect(error).toBeInstanceOf(ImportError);
          expect(error).toMatchObject({
            position: { line: expect.any(Number), column: expect.any(Number) },
          });
        }
      }),
      { numRuns: 5000 },
    );
  });
});

function depthOf({ children }: XmlElement): number {
  return 1 + Math.max(0, ...children.map(depthOf));
}

interface Plain {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Plain[];
}

const name = fc
  .stringMatching(/^[a-zA-Z_][\w.-]{0,8}$/)
  .filter((each) => !/^(?:constructor|prototype|__proto__)$/.test(each));
const value = fc.stringMatching(/^[ -~\u00a0-\ud7ff]{0,20}$/);
const { tree } = fc.letrec<{ tree: Plain }>((tie) => ({
  tree: fc.record({
    name,
    attributes: fc.dictionary(name, value, { maxKeys: 3, noNullPrototype: true }),
    text: value,
    children: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('tree'), { maxLength: 3 })),
  }),
}));

function plain({ name, attributes, text, children }: XmlElement): Plain {
  return { name, attributes, text, children: children.map(plain) };
}

function written({ name, attributes, text, children }: Plain): string {
  const escaped = (raw: string): string =>
    raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  const said = Object.entries(attributes).map(([key, raw]) => ` ${key}="${escaped(raw)}"`);
  return `<${name}${said.join('')}>${escaped(text)}${children.map(written).join('<!-- & -->')}</${name}>`;
}
