import { describe, expect, it } from 'vitest';
import { diffLines } from './diff.ts';
import { moveNodes } from './moves.ts';
import { clipboardText, pastedNodes, readText, textOf } from './text.ts';
import {
  changeNodes,
  type EditSequence,
  formatNodes,
  listNodes,
  nameOf,
  withField,
} from './tree.ts';

const written = `# Of the bench
name:   Install   # as it is called
steps:
  # first of all
  - step: Ask
    type: set-variable
    params: {name: Asked, value: '1'}

  - group: Disk
    steps:
      - step: Wipe   # takes a while
        type: run-command
        params:
          commandLine: wipe
`;

function read(text: string): EditSequence {
  const answer = readText(text);
  if (!answer.ok) throw new Error(answer.message);
  return answer.sequence;
}
const idOf = (sequence: EditSequence, name: string) =>
  listNodes(sequence).find(({ node }) => nameOf(node) === name)?.node.id ?? -1;

describe('the text of a task sequence', () => {
  it('keeps every line that says the same', () => {
    const sequence = read(written);
    expect(textOf(sequence)).toBe(written);
    const edited = changeNodes(sequence, new Set([idOf(sequence, 'Wipe')]), (node) => ({
      ...node,
      fields: withField(node.fields, 'disabled', true),
    }));
    const changed = diffLines(written, textOf(edited)).filter(({ kind }) => kind !== 'same');
    expect(changed).toEqual([{ kind: 'added', text: '        disabled: true' }]);
  });

  it('takes the comments of a moved step along', () => {
    const sequence = read(written);
    const moved = moveNodes(sequence, new Set([idOf(sequence, 'Ask')]), {
      parent: idOf(sequence, 'Disk'),
      before: null,
    });
    const text = textOf(moved);
    expect(text).toContain('      # first of all\n      - step: Ask\n');
    expect(text).toContain('# Of the bench\nname:   Install   # as it is called\n');
    expect(formatNodes(read(text).steps)).toEqual(formatNodes(moved.steps));
  });

  it('says why a text is no task sequence', () => {
    expect(readText('name: [')).toMatchObject({ ok: false });
    expect(readText('name: x')).toMatchObject({
      ok: false,
      message: expect.stringContaining('steps'),
    });
  });

  it('is copied and pasted as YAML, whole documents and lists too', () => {
    const sequence = read(written);
    const text = clipboardText(sequence.steps);
    expect(formatNodes(pastedNodes(text) ?? [])).toEqual(formatNodes(sequence.steps));
    expect(pastedNodes(written)).toHaveLength(2);
    expect(pastedNodes('- {step: A, type: restart}')).toHaveLength(1);
    expect(pastedNodes('{group: A, steps: []}')).toHaveLength(1);
    expect(pastedNodes('Some words of a mail')).toBeNull();
    expect(pastedNodes(': [')).toBeNull();
  });
});
