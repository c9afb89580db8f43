import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binaryValue,
  dwordValue,
  readBinary,
  readDword,
  readText,
  readTexts,
  textsValue,
  textValue,
} from './registry-value.ts';

const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, 'utf16le'));
const text = fc.string().filter((entry) => !entry.includes('\0'));

describe('values of a registry', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(
        text,
        fc.array(text.filter((entry) => entry !== '')),
        fc.nat(0xffff_ffff),
        (one, many, number) => {
          expect(readText(textValue('n', one))).toBe(one);
          expect(readTexts(textsValue('n', many))).toEqual(many);
          expect(readDword(dwordValue('n', number))).toBe(number);
        },
      ),
    );
    expect(readBinary(binaryValue('n', Uint8Array.of(1, 2)))).toEqual(Uint8Array.of(1, 2));
  });

  it('have the terminators of Windows', () => {
    expect(textValue('n', 'a').data).toEqual(utf16('a\0'));
    expect(textsValue('n', ['a', 'b']).data).toEqual(utf16('a\0b\0\0'));
  });

  it('are read without terminators, or with more of them', () => {
    for (const data of [utf16('a'), utf16('a\0\0')]) {
      expect(readText({ name: '', type: 1, data })).toBe('a');
      expect(readText({ name: '', type: 2, data })).toBe('a');
      expect(readTexts({ name: '', type: 7, data })).toEqual(['a']);
    }
    expect(readTexts({ name: '', type: 7, data: new Uint8Array() })).toEqual([]);
  });

  it.each([
    { name: 'text of another type', read: () => readText(dwordValue('n', 1)) },
    { name: 'half a character', read: () => readText({ name: '', type: 1, data: data(3) }) },
    { name: 'two texts as one', read: () => readText({ name: '', type: 1, data: utf16('a\0b') }) },
    { name: 'one text as a list', read: () => readTexts(textValue('n', 'a')) },
    { name: 'half a list', read: () => readTexts({ name: '', type: 7, data: data(1) }) },
    {
      name: 'an empty text in a list',
      read: () => readTexts({ name: '', type: 7, data: utf16('a\0\0b') }),
    },
    { name: 'a long number', read: () => readDword({ name: '', type: 4, data: data(8) }) },
    { name: 'a number as bytes', read: () => readBinary(dwordValue('n', 1)) },
  ])('are refused: $name', ({ read }) => {
    expect(read).toThrow(expect.objectContaining({ code: 'hive.value' }));
  });
});

function data(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}
