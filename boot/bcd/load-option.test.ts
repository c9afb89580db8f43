import { expect, it } from 'vitest';
import { windowsLoadOptionData } from './load-option.ts';

it('the data of the boot entry name the boot manager, in the layout of bcdboot', () => {
  const bytes = Buffer.from(windowsLoadOptionData());
  expect(bytes).toHaveLength(0x88);
  expect(bytes.subarray(0, 20).toString('hex')).toBe('57494e444f575300010000008800000078000000');
  const text = bytes.subarray(0x14, 0x78).toString('utf16le');
  expect(text.replace(/\0+$/, '')).toBe('BCDOBJECT={9dea862c-5cdd-4e70-acc1-f32b344d4795}');
  expect(bytes.subarray(0x78).toString('hex')).toBe('0100000010000000040000007fff0400');
});
