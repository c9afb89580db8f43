import { expect, it } from 'vitest';
import { mediaFirstGrubConfig, mediaGrubConfig } from './media-grub.ts';

it('M43 a BIOS of a 32-bit processor is refused by name, before anything is loaded', () => {
  const lines = mediaGrubConfig('6f9619ff').split('\n');
  const asked = lines.indexOf('  if cpuid -l; then');
  expect(lines[asked - 1]).toBe('if [ "$grub_platform" = pc ]; then');
  const said = lines.findIndex((line) => line.includes('media.architecture'));
  expect(lines[said]).toContain('is for x64; this machine is x86 with BIOS');
  const left = lines.indexOf('    exit');
  const loaded = lines.findIndex((line) => line.startsWith('if linux '));
  expect([asked, said, left, loaded]).toEqual(
    [asked, said, left, loaded].toSorted((a, b) => a - b),
  );
});

it('M41 media are found by the file that bears their id', () => {
  expect(mediaFirstGrubConfig('metalwright/6f9619ff')).toContain('--file /metalwright/6f9619ff');
  expect(mediaGrubConfig('6f9619ff')).toContain('metalwright.media=6f9619ff');
});
