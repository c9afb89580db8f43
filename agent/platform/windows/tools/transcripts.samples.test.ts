import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRegQuery } from '../query/reg-output.ts';
import { parseBcdedit } from './bcdedit.ts';
import { parseDisks, parsePartitions, parseVolumes } from './diskpart/rows.ts';
import { parseImageInfo } from './dism/image-info.ts';
import { parseDismLog } from './dism/log.ts';
import { parseAddedDrivers, parseDismProblem } from './dism/problem.ts';
import { dismProgress } from './dism/progress.ts';
import { parseDismDrivers, parsePnputilDrivers, parsePublishedNames } from './installed-drivers.ts';
import { parseIpconfig } from './ipconfig.ts';
import { labelledBlocks } from './labelled-lines.ts';
import { parseBitLockerStatus } from './manage-bde.ts';
import { toolLines } from './tool-lines.ts';
import { parseWmic } from './wmic.ts';

const samples = join(
  process.env['METALWRIGHT_SAMPLES'] ??
    resolve(import.meta.dirname, '../../../../../shared/samples'),
  'transcripts',
);
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.endsWith('.txt'))
  : [];

function read(name: string): string {
  return readFileSync(join(samples, name), 'utf8');
}
function named(pattern: RegExp): string[] {
  return files.filter((name) => pattern.test(name));
}

describe.skipIf(files.length === 0)('output of tools of real Windows', () => {
  it.each(named(/^diskpart/))('%s: every row of diskpart', (name) => {
    const output = read(name);
    const rows = [...parseDisks(output), ...parsePartitions(output), ...parseVolumes(output)];
    const printed = output.split(/\r?\n/).filter((line) => /^[ *] \S.* \d{1,3} {2,}/.test(line));
    expect(rows).toHaveLength(printed.length);
    for (const disk of parseDisks(output)) {
      expect(disk.size.bytes).toBeGreaterThanOrEqual(disk.free.bytes);
      if (name.includes('mbr')) expect(disk.gpt).toBe(false);
      expect(disk.dynamic).toBe(false);
    }
    for (const volume of parseVolumes(output)) {
      expect(volume.letter ?? 'A').toMatch(/^[A-Z]$/);
      expect(volume.fileSystem ?? 'NTFS').toMatch(/^(?:NTFS|FAT|FAT32|exFAT|ReFS|RAW|UDF|CDFS)$/);
      expect(volume.status).not.toBe('');
    }
  });

  it.each(named(/^bcdedit/))('%s: every object of bcdedit', (name) => {
    const output = read(name);
    const objects = parseBcdedit(output);
    expect(objects).toHaveLength(output.match(/^-{3,}\s*$/gm)?.length ?? 0);
    expect(objects.length).toBeGreaterThan(0);
    for (const { title, elements } of objects) {
      expect(title).not.toBe('');
      for (const [element, values] of elements) {
        expect(element).toMatch(/^[a-z0-9:]+$/);
        expect(values.length).toBeGreaterThan(0);
      }
    }
  });

  it.each(named(/^dism-get-(?:wim|image)info/))('%s: every image of dism', (name) => {
    const images = parseImageInfo(read(name));
    for (const image of images) {
      expect(image.name).not.toBeNull();
      expect(image.sizeBytes).toBeGreaterThan(1e6);
      expect([null, 'x64', 'x86', 'arm64']).toContain(image.architecture);
    }
    const indexes = images.map(({ index }) => index);
    expect(indexes).toEqual(indexes.toSorted((a, b) => a - b));
  });

  it.each(named(/^dism-get-drivers/))('%s: every driver of dism', (name) => {
    const output = read(name);
    const drivers = parseDismDrivers(output);
    expect(drivers).toHaveLength(output.match(/oem\d+\.inf/g)?.length ?? 0);
    for (const { provider, inbox, version } of drivers) {
      expect(provider).not.toBe('');
      expect(inbox).not.toBeNull();
      expect(version).toMatch(/^\d+(?:\.\d+){3}$/);
    }
  });

  it.each(named(/^dism-add-driver/))('%s: drivers, failure and progress', (name) => {
    const output = read(name);
    expect(parseAddedDrivers(output).length).toBe(output.match(/\.inf:/gi)?.length ?? 0);
    const error = /^Error: (\w+)/m.exec(output)?.[1];
    expect(parseDismProblem(output)?.code).toBe(error === undefined ? undefined : Number(error));
    const percent = [...output.matchAll(/(\d+\.\d)%/g)].at(-1)?.[1];
    expect(dismProgress()(output)).toBe(percent === undefined ? undefined : Number(percent));
  });

  it.each(named(/^dism-log/))('%s: every record', (name) => {
    const output = read(name);
    expect(parseDismLog(output)).toHaveLength(output.trim().split('\n').length);
  });

  it.each(named(/^pnputil-(?:e|enum)/))('%s: every driver of pnputil', (name) => {
    const output = read(name);
    const drivers = parsePnputilDrivers(output);
    expect(drivers).toHaveLength(output.match(/oem\d+\.inf/g)?.length ?? 0);
    for (const [at, { provider, className, version, signer, publishedName }] of drivers.entries()) {
      expect(publishedName).toMatch(/^oem\d+\.inf$/);
      // The last one may be cut off.
      if (at === drivers.length - 1) continue;
      expect([provider, className, signer]).not.toContain('');
      expect(version).toMatch(/^\d+(?:\.\d+){1,3}$/);
    }
  });

  it.each(named(/^pnputil-add/))('%s: what was published', (name) => {
    expect(parsePublishedNames(read(name))).toContainEqual(expect.stringMatching(/^oem\d+\.inf$/));
  });

  it.each(named(/^manage-bde/))('%s: the volume', (name) => {
    for (const { percentEncrypted, method, size } of parseBitLockerStatus(read(name))) {
      expect(percentEncrypted).not.toBeNull();
      expect(size?.bytes).toBeGreaterThan(1e6);
      if (percentEncrypted === 100) expect(method).toMatch(/^(?:xts-)?aes/);
    }
  });

  it.each(named(/ipconfig/))('%s: every adapter', (name) => {
    const output = read(name);
    const adapters = parseIpconfig(output);
    const count = (pattern: RegExp) => output.match(pattern)?.length ?? 0;
    expect(adapters.filter(({ mac }) => mac !== null)).toHaveLength(
      count(/: (?:[0-9A-F]{2}-){5}[0-9A-F]{2}\s*$/gm),
    );
    expect(adapters.flatMap(({ ipv4 }) => ipv4)).toHaveLength(count(/255\.\d+\.\d+\.\d+\s*$/gm));
    expect(adapters.flatMap(({ ipv6 }) => ipv6)).toHaveLength(count(/[0-9a-f]:\S*\(\w+\)\s*$/gm));
  });

  it.each(named(/systeminfo/))('%s: its list', (name) => {
    const lines = labelledBlocks(toolLines(read(name), 'systeminfo')).flatMap(
      (block) => block.lines,
    );
    expect(lines.length).toBeGreaterThan(30);
    expect(lines[0]?.value).toMatch(/^\S+$/);
    expect(lines.flatMap(({ more }) => more).filter((text) => /KB\d+$/.test(text)).length).toBe(
      read(name).match(/\]: KB\d+/g)?.length ?? 0,
    );
  });

  it.each(named(/^wmic/))('%s: its instances', (name) => {
    const [first] = parseWmic(read(name));
    expect(Object.keys(first ?? {})).toContainEqual(expect.stringMatching(/^\w+$/));
    expect(Object.values(first ?? {})).toContainEqual(expect.stringMatching(/^\S/));
  });

  it.each(named(/^reg-/))('%s: its keys', (name) => {
    expect(parseRegQuery(read(name)).length).toBeGreaterThan(0);
  });
});
