import { describe, expect, it } from 'vitest';
import { formatUnattend } from './format-unattend.ts';
import { layOver } from './lay-over.ts';
import { parseUnattend } from './parse-unattend.ts';
import { fileText, settingsText } from './testing/inputs.ts';

/** The elements of the one component that comes of laying one over another, without blanks. */
function laid(under: string, over: string, numbers: 'under' | 'over' = 'over') {
  const places: string[] = [];
  const read = (text: string) => parseUnattend(fileText(settingsText('specialize', 'X', text)));
  const result = layOver(read(under), read(over), {
    numbers,
    replaced: (place) => places.push(place),
  });
  const [, elements] = /<component[^>]*>([\s\S]*)<\/component>/.exec(formatUnattend(result)) ?? [];
  return { elements: (elements ?? '').replaceAll(/\n */g, ''), places };
}

const run = (order: number, path: string) =>
  `<RunSynchronousCommand wcm:action="add"><Order>${order}</Order><Path>${path}</Path></RunSynchronousCommand>`;
const account = (name: string, more: string) =>
  `<LocalAccount wcm:action="add"><Name>${name}</Name>${more}</LocalAccount>`;
const path = (key: number, text: string) =>
  `<PathAndCredentials wcm:action="add" wcm:keyValue="${key}"><Path>${text}</Path></PathAndCredentials>`;
const address = (key: number, text: string) =>
  `<IpAddress wcm:action="add" wcm:keyValue="${key}">${text}</IpAddress>`;
const partition = (order: number, more: string) =>
  `<CreatePartition wcm:action="add"><Order>${order}</Order>${more}</CreatePartition>`;

describe('M53 layOver', () => {
  it.each([
    ['a value', '<A>1</A><B>2</B>', '<B>3</B><C>4</C>', '<A>1</A><B>3</B><C>4</C>'],
    ['children', '<A><B>1</B><C>2</C></A>', '<A><C>3</C></A>', '<A><B>1</B><C>3</C></A>'],
    ['an empty element', '<A>1</A>', '<A></A><B></B>', '<A>1</A><B />'],
    ['an element over an empty one', '<A /><B> </B>', '<A>1</A><B>2</B>', '<A>1</A><B>2</B>'],
    ['comments', '<!--1--><A>1</A>', '<!--2--><A>2</A>', '<!--1--><!--2--><A>2</A>'],
    [
      'an account by its name',
      account('ann', '<Group>Users</Group>') + account('bob', ''),
      account('Ann', '<Group>Administrators</Group>') + account('eve', ''),
      account('Ann', '<Group>Administrators</Group>') + account('bob', '') + account('eve', ''),
    ],
    [
      'a partition by its order, as a whole',
      partition(1, '<Size>100</Size>') + partition(2, '<Size>16</Size>'),
      partition(2, '<Extend>true</Extend>'),
      partition(1, '<Size>100</Size>') + partition(2, '<Extend>true</Extend>'),
    ],
    [
      'an address by its key',
      address(1, 'a') + address(2, 'b'),
      address(2, 'c') + address(3, 'd'),
      address(1, 'a') + address(2, 'c') + address(3, 'd'),
    ],
    [
      'a password as a whole',
      '<AdministratorPassword><Value>a</Value><PlainText>true</PlainText></AdministratorPassword>',
      '<AdministratorPassword><Value>b</Value></AdministratorPassword>',
      '<AdministratorPassword><Value>b</Value></AdministratorPassword>',
    ],
    [
      'a removal as it is',
      '<A wcm:action="add" wcm:keyValue="1">x</A>',
      '<A wcm:action="remove" wcm:keyValue="1" />',
      '<A wcm:action="remove" wcm:keyValue="1" />',
    ],
    [
      'repeated elements without an action',
      '<A><Name>1</Name></A>',
      '<A><Name>1</Name><B>2</B></A><A><Name>3</Name></A>',
      '<A><Name>1</Name><B>2</B></A><A><Name>3</Name></A>',
    ],
  ])('lays %s', (_, under, over, expected) => {
    expect(laid(under, over).elements).toBe(expected);
  });

  it('keeps the numbers of the upper commands, and moves the lower ones behind', () => {
    const { elements } = laid(
      run(1, 'a') + run(2, 'same') + run(5, 'b'),
      run(1, 'c') + run(2, 'd') + run(3, 'SAME'),
    );
    expect(elements).toBe(run(6, 'a') + run(3, 'SAME') + run(5, 'b') + run(1, 'c') + run(2, 'd'));
  });

  it('keeps the numbers of the lower commands and folders where it is told to', () => {
    expect(laid(run(1, 'a') + run(2, 'same'), run(1, 'c') + run(3, 'same'), 'under').elements).toBe(
      run(1, 'a') + run(2, 'same') + run(3, 'c'),
    );
    expect(laid(path(1, '\\Drivers'), path(1, 'C:\\D'), 'under').elements).toBe(
      path(1, '\\Drivers') + path(2, 'C:\\D'),
    );
  });

  it('tells what was replaced by something else, and where', () => {
    const { places } = laid(
      '<A>1</A><B><C>2</C><D>3</D></B><E></E>',
      '<A>1</A><B><C>4</C></B><E>5</E>',
    );
    expect(places).toEqual(['specialize/X/B/C']);
  });

  it('makes one of a pass and of a component that stand there twice', () => {
    const over = parseUnattend(
      fileText(
        settingsText('specialize', 'X', '<A>1</A>'),
        settingsText('oobeSystem', 'X', '<A>1</A>'),
        settingsText('specialize', 'X', '<A>2</A><B>3</B>', 'AMD64'),
        settingsText('specialize', 'X', '<C>4</C>', 'x86'),
      ),
    );
    const under = parseUnattend(fileText());
    const { settings } = layOver(under, over, { numbers: 'over', replaced: () => {} });
    const texts = settings.map(({ pass, components }) => [
      pass,
      components.map(({ elements }) => elements.map(({ name, text }) => name + text).join()),
    ]);
    expect(texts).toEqual([
      ['specialize', ['A2,B3', 'C4']],
      ['oobeSystem', ['A1']],
    ]);
  });
});
