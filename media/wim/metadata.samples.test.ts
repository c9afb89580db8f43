import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseWimMetadata } from './metadata.ts';

const samples = new URL('../../../shared/samples/wim-xml/', import.meta.url);
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.endsWith('.xml'))
  : [];

describe.skipIf(files.length === 0)('metadata of WIMs that others made', () => {
  it.each(files)('%s is read', (name) => {
    const text = readFileSync(new URL(name, samples), 'utf8').replace(/^\ufeff/, '');
    const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
    const count = text.match(/<IMAGE\s/g)?.length ?? 0;
    const images = parseWimMetadata(bytes, count);
    expect(images.length).toBeGreaterThan(0);
    const isWindows = text.includes('<WINDOWS>');
    for (const image of images) {
      expect(image.totalBytes).toBeGreaterThan(0);
      expect(image.kind).toBe(isWindows ? 'windows' : 'data');
      expect(image.architecture).toBe(isWindows ? 'x64' : null);
      expect(image.windows?.version ?? '10.0.1').toMatch(/^(6\.3|10\.0)\.\d+/);
      expect(image.windows?.languages.length).not.toBe(0);
    }
  });
});
