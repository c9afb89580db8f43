import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

const words = (text: string): string[] => (text === '' ? [] : text.split(' '));

describe('M11 metalwright-ts', () => {
  it.each([
    ['get Owner', { kind: 'get', name: 'Owner' }],
    ['list', { kind: 'list', values: false, json: false }],
    ['list --values', { kind: 'list', values: true, json: false }],
    ['list --json', { kind: 'list', values: true, json: true }],
    ['set A b', { kind: 'set', name: 'A', value: 'b', secret: false }],
    ['set --secret A b', { kind: 'set', name: 'A', value: 'b', secret: true }],
    ['set A b --secret', { kind: 'set', name: 'A', value: 'b', secret: true }],
    ['set A --stdin --secret', { kind: 'set', name: 'A', value: undefined, secret: true }],
    ['set Offset -5', { kind: 'set', name: 'Offset', value: '-5', secret: false }],
    ['set A -- --secret', { kind: 'set', name: 'A', value: '--secret', secret: false }],
    ['--help', { kind: 'help' }],
    ['get --help', { kind: 'help' }],
  ])('understands %j', (text, command) => {
    expect(parseArguments(words(text))).toEqual(command);
  });

  it('takes an empty value: it deletes', () => {
    expect(parseArguments(['set', 'A', ''])).toMatchObject({ value: '' });
  });

  it.each([
    '',
    'got A',
    'constructor A',
    'get',
    'get A B',
    'get --secret A',
    'list A',
    'list --all',
    'set',
    'set A',
    'set A b c',
    'set A b --stdin',
    'set A --secert b',
  ])('refuses %j', (text) => {
    expect(() => parseArguments(words(text))).toThrow(
      expect.objectContaining({ code: 'ts.usage', hint: expect.stringContaining('--help') }),
    );
  });
});
