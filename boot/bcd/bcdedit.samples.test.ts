import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bcdObject, type Setting } from './bcd-object.ts';
import { type BcdeditSection, parseBcdedit } from './bcdedit-output.ts';
import { type BcdVolume, gptPartition } from './device.ts';
import { type ElementName, elementNames } from './element-names.ts';
import { kindOf } from './element-value.ts';
import { formatBcd } from './format-bcd.ts';
import { objectType, titleOf, wellKnown } from './object-kinds.ts';
import { type BcdStore, formatStore, parseStore } from './store.ts';

const samples = join(
  process.env['METALWRIGHT_SAMPLES'] ?? join(import.meta.dirname, '../../../shared/samples'),
  'transcripts',
);
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.startsWith('bcdedit-'))
  : [];
const read = (name: string) => readFileSync(join(samples, name), 'utf8');

/** GUIDs for names that stand for another one on each machine, and for volumes. */
const disk = '10000000-0000-4000-8000-00000000000d';
const guidOfNumber = (number: number) =>
  `10000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const current = guidOfNumber(900);
const byDefault = guidOfNumber(901);
const ids = new Map(Object.entries({ ...wellKnown, current, default: byDefault }));

/** What is printed, made into a store again: English output only. */
function storeOf(sections: readonly BcdeditSection[]): { store: BcdStore; volumes: string[] } {
  const volumes: string[] = [];
  const idOf = (printed: string) => ids.get(printed.slice(1, -1)) ?? printed.slice(1, -1);
  const volumeOf = (name: string): BcdVolume => {
    if (name === 'boot') return { kind: 'boot' };
    if (!volumes.includes(name)) volumes.push(name);
    return gptPartition(guidOfNumber(volumes.indexOf(name)), disk);
  };
  const deviceOf = (text: string): Setting => {
    const [, volume, path, options] = /^ramdisk=\[(.+?)\](.+),(\{.+\})$/.exec(text) ?? [];
    if (text !== 'boot' && !/^(partition|ramdisk)=/.test(text))
      return { kind: 'other', bytes: new Uint8Array(20) };
    if (volume === undefined || path === undefined || options === undefined)
      return volumeOf(text.replace(/^partition=/, ''));
    return { kind: 'ramdisk', source: volumeOf(volume), path, options: idOf(options) };
  };
  const settingOf = (element: ElementName, values: readonly string[]): Setting => {
    const [text = ''] = values;
    const number = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : text;
    const kind = kindOf(element.id);
    if (kind === 'device') return deviceOf(text);
    if (kind === 'object') return idOf(text);
    if (kind === 'objects') return values.map(idOf);
    if (kind === 'boolean') return text === 'Yes';
    if (kind === 'integers') return values.map(Number);
    return kind === 'integer' ? number : text;
  };
  const objects = sections.map(({ title, identifier, settings }) => {
    const id = idOf(identifier);
    const type = Object.values(objectType).find((type) => titleOf({ id, type }) === title) ?? 0;
    const names = elementNames(type);
    const entries = [...settings].map(([name, values]) => {
      const element = names.find((entry) => entry.name === name) ?? {
        id: Number.parseInt(name.replace('custom:', ''), 16),
        name,
      };
      return [name, settingOf(element, values)];
    });
    return bcdObject(id, type, Object.fromEntries(entries));
  });
  return { store: { system: true, objects }, volumes };
}

/** The lines of objects, as they are: without prompts, and with LF. */
function printedOf(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').trim().split('\n');
  const kept = lines.filter((line) => !/^(PS )?[A-Z]:\\.*>/.test(line)).join('\n');
  // Devices that are not known here: files, VHDs, `locate`.
  return kept.trim().replaceAll(/^(\w*device +)(locate|file|vhd)=.*$/gm, '$1unknown');
}

const english = files.filter((name) => /^identifier /m.test(read(name)));

describe.skipIf(files.length === 0)('output of bcdedit', () => {
  it.each(files)(
    '%s is read: an identifier for each heading, settings by English names',
    (name) => {
      const text = read(name);
      const sections = parseBcdedit(text);
      expect(sections).toHaveLength(text.match(/^-{3,}\s*$/gm)?.length ?? 0);
      for (const section of sections) {
        expect(section.title).not.toBe('');
        for (const setting of section.settings.keys()) expect(setting).toMatch(/^[a-z0-9:]+$/);
      }
    },
  );

  it.each(english)('%s is what a store with these objects prints, through a hive', (name) => {
    const text = printedOf(read(name));
    // One file may hold the same store twice, with names and with GUIDs (/v).
    const isVerbose = (part: string) => part.includes(`{${wellKnown.bootmgr}}`);
    const again = text.indexOf(`\nWindows Boot Manager\n`, 1);
    const parts =
      again > 0 && isVerbose(text.slice(again))
        ? [text.slice(0, again), text.slice(again)]
        : [text];
    for (const part of parts) {
      const { store, volumes } = storeOf(parseBcdedit(part));
      const bootmgr = store.objects.find(({ id }) => id === wellKnown.bootmgr);
      const printed = formatBcd(parseStore(formatStore(store, 1n)), {
        verbose: isVerbose(part),
        current,
        volumeName: (volume) =>
          volume.kind === 'gpt-partition'
            ? volumes[Number(volume.partition.slice(-12))]
            : undefined,
      });
      expect(bootmgr).toBeDefined();
      expect(printed.trim()).toBe(part.trim());
    }
  });
});
