import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readDocumentText } from '../document-text.ts';
import { moveNode, parsePath, valueAt, withValue } from './edit-document.ts';
import { rewriteDocumentText } from './rewrite.ts';

type Change = (document: unknown) => unknown;

/** Puts a value at a place; undefined takes away what is there. */
function put(path: string, value?: unknown): Change {
  return (document) => withValue(document, parsePath(path), value);
}
/** Turns a list around. */
function reversed(path: string): Change {
  return (document) => {
    const list = valueAt(document, parsePath(path));
    return withValue(document, parsePath(path), Array.isArray(list) ? list.toReversed() : list);
  };
}

/** Rewrites to what `change` makes of the value; the result must read as that. */
function rewritten(text: string, change: Change): string {
  const changed = change(parse(text));
  const result = rewriteDocumentText(text, changed);
  expect(parse(result)).toEqual(JSON.parse(JSON.stringify(changed)));
  return result;
}

const text = `# Of the whole

name: 'A name'   # why it is called so
platform:   windows

steps:
  # About disks.

  # Of A
  - step: A       # a
    type: format-disk
    params: { disk: 0, partitions: [ {name: EFI}, { name: "root" } ] } # layout
  # Of B

  # More of B
  - group: B
    # Of the steps of B
    steps:
    # Of C
    - step: "C"
      type: run-command
      params:
        commandLine: >-
          one
          two
        successCodes: [0, 3010]   # codes
      # - step: left out
    - {step: D, type: restart, params: {target: pe}}

  - step: E
    type: run-powershell
    params:
      script: |
        # no comment
        Get-Item x

        # none either

      # Of the policy
      executionPolicy: Bypass
# The end
`;

describe('M14 rewriting a document', () => {
  it('leaves a text as it is whose value has not changed', () => {
    expect(rewriteDocumentText(text, parse(text))).toBe(text);
  });

  it('changes one word where one value has changed', () => {
    expect(rewritten(text, put('name', 'Other'))).toBe(text.replace('A name', 'Other'));
    expect(rewritten(text, put('name', "it's"))).toBe(text.replace('A name', "it''s"));
    expect(rewritten(text, put('platform', 'linux'))).toBe(text.replace('windows', 'linux'));
    expect(rewritten(text, put('steps[0].params.partitions[1].name', 'r'))).toBe(
      text.replace('"root"', '"r"'),
    );
    expect(rewritten(text, put('steps[1].steps[0].params.successCodes[1]', 1))).toBe(
      text.replace('3010', '1'),
    );
    expect(rewritten(text, put('steps[1].steps[1].params.target', 'hd'))).toBe(
      text.replace('target: pe', 'target: hd'),
    );
    expect(rewritten(text, put('steps[2].params.executionPolicy', 'yes'))).toBe(
      text.replace('Bypass', '"yes"'),
    );
  });

  it('puts a new field where people look for it', () => {
    expect(rewritten(text, put('steps[0].disabled', true))).toBe(
      text.replace('type: format-disk\n', 'type: format-disk\n    disabled: true\n'),
    );
    expect(rewritten(text, put('steps[1].steps[1].disabled', true))).toBe(
      text.replace('target: pe}}', 'target: pe}, disabled: true}'),
    );
    expect(rewritten(text, put('description', 'x: y'))).toBe(
      text.replace('called so\n', 'called so\ndescription: "x: y"\n'),
    );
  });

  it('takes a field away', () => {
    expect(rewritten(text, put('platform'))).toBe(text.replace('platform:   windows\n', ''));
    expect(rewritten(text, put('steps[0].params.disk'))).toBe(text.replace('disk: 0, ', ''));
    expect(rewritten(text, put('steps[2].params.executionPolicy'))).toBe(
      text.replace(/\n\n {6}# Of the policy\n.*Bypass/, ''),
    );
  });

  it('writes a script anew, and leaves what stands around it', () => {
    expect(rewritten(text, put('steps[2].params.script', 'a\n\n  b\n'))).toBe(
      text.replace(/ {8}# no comment\n[^]*none either\n/, '        a\n\n          b\n'),
    );
    expect(rewritten(text, put('steps[1].steps[0].params.commandLine', 'x'))).toBe(
      text.replace(/>-\n.*one\n.*two/, 'x'),
    );
    expect(rewritten(text, put('steps[0].params', { a: { b: 'c' } }))).toBe(
      text.replace(/\{ disk.*\]/, '{ a: { b: c }'),
    );
  });

  it('moves a step with its comments', () => {
    expect(
      rewritten(text, (document) => moveNode(document, 'A', { where: 'after', node: 'E' })),
    ).toBe(`# Of the whole

name: 'A name'   # why it is called so
platform:   windows

steps:
  # About disks.

  # Of B

  # More of B
  - group: B
    # Of the steps of B
    steps:
    # Of C
    - step: "C"
      type: run-command
      params:
        commandLine: >-
          one
          two
        successCodes: [0, 3010]   # codes
      # - step: left out
    - {step: D, type: restart, params: {target: pe}}

  - step: E
    type: run-powershell
    params:
      script: |
        # no comment
        Get-Item x

        # none either

      # Of the policy
      executionPolicy: Bypass
  # Of A
  - step: A       # a
    type: format-disk
    params: { disk: 0, partitions: [ {name: EFI}, { name: "root" } ] } # layout
# The end
`);
  });
});

describe('M14 rewriting what is unusual', () => {
  it('keeps anchors and aliases, and writes them out where that is no longer true', () => {
    const text = `name: x
steps:
  - step: A
    type: t
    params: &all { a: 1 } # shared
  - step: B # b
    type: t
    params: *all
`;
    expect(rewritten(text, put('steps[1].disabled', true))).toBe(
      text.replace('type: t\n    params: *', 'type: t\n    disabled: true\n    params: *'),
    );
    expect(rewritten(text, put('steps[1].params', { a: 2 }))).toBe(
      text.replace('*all', '\n      a: 2').replace('params: \n', 'params:\n'),
    );
    expect(rewritten(text, put('steps[0].params', { a: 2 }))).toBe(
      text.replace('a: 1', 'a: 2').replace('params: *all', 'params:\n      a: 1'),
    );
  });

  it('keeps all comments where parts cannot be told apart by lines', () => {
    const text = `# head
? name # of the key
: !!str 5 # five
steps:
  # of A
  - !!map
    step: A # a
    type: t
`;
    const result = rewritten(text, put('steps[0].type', 'u'));
    for (const comment of ['# head', '# of the key', '# five', '# of A', '# a'])
      expect(result).toContain(comment);
  });

  it.each<[string, string, Change]>([
    ['nothing but a scalar', 'x # c\n', () => ({ name: 'y' })],
    ['an empty list that gets steps', 'name: x\nsteps: [] # none\n', put('steps[0]', 1)],
    ['no line break at the end', 'name: x\nsteps:\n- a: 1\n- b: 2', reversed('steps')],
    ['a list in a list', 'a:\n- - x # x\n  - y\n- - z\n', put('a[0][0]')],
    ['a map in flow lines', 'a: { # one\n  b: 1, # two\n  c: 2 # three\n}\n', put('a.d', 3)],
    ['kept line breaks', 'a: |+\n  x\n\n\nb: 1\n', put('b', 2)],
    ['an empty value', 'a:\nb: # c\n\nd: 1\n', put('b', { x: ['y'] })],
    ['a document marker', '%YAML 1.2\n---\n# c\na: 1\n...\n', put('a', 'b\nc\n')],
    ['a byte order mark', '\ufeffa: 1\nb: 2\n', put('a')],
    ['keys that are no texts', '1: a\ntrue: b\nnull: c\n', put('true', 'x')],
  ])('reads as the new value with %s', (_what, text, change) => {
    const result = rewritten(text, change);
    const comments = (of: string) => [...of.matchAll(/# (\w+)/g)].map(([, word]) => word);
    expect(comments(result)).toEqual(
      expect.arrayContaining(comments(text).filter((c) => c !== 'x')),
    );
  });

  it.each(['a: x\nb: [x]\nc: {d: x}\n', '{"a": "x", "b": ["x"], "c": {"d": "x"}}\n'])(
    'writes what no text has as escapes: %j',
    (text) => {
      const odd = '\x7f\ufffe\uffff';
      const value = { a: odd, b: [odd, { [odd]: odd }], c: { d: odd, [odd]: 1 }, [odd]: [odd] };
      const written = rewriteDocumentText(text, value);
      expect(readDocumentText(written).value).toEqual(value);
    },
  );

  it('keeps the indentation of JSON, and what stands in one line', () => {
    const text = `{\n\t"name": "x",\n\t"steps": [\n\t\t{ "step": "A", "type": "t" },\n\t\t{\n\t\t\t"step": "B",\n\t\t\t"type": "t",\n\t\t\t"params": { "codes": [0, 3010] }\n\t\t}\n\t]\n}\n`;
    expect(rewritten(text, put('steps[1].params.codes[0]', 1))).toBe(text.replace('[0, ', '[1, '));
    expect(rewritten(text, reversed('steps'))).toBe(
      `{\n\t"name": "x",\n\t"steps": [\n\t\t{\n\t\t\t"step": "B",\n\t\t\t"type": "t",\n\t\t\t"params": { "codes": [0, 3010] }\n\t\t},\n\t\t{ "step": "A", "type": "t" }\n\t]\n}\n`,
    );
    expect(rewritten(text, put('steps[1].condition', { all: [] }))).toBe(
      text.replace('3010] }\n', '3010] },\n\t\t\t"condition": {\n\t\t\t\t"all": []\n\t\t\t}\n'),
    );
  });

  it('refuses half a character, and a text that cannot be read', () => {
    expect(() => rewriteDocumentText('a: 1\n', { a: '\udc00' })).toThrow(
      expect.objectContaining({ code: 'document.surrogate' }),
    );
    expect(() => rewriteDocumentText('a: [\n', { a: 1 })).toThrow(/line 2/);
  });
});
