import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { Variables } from '#agent/sequence/variables.ts';
import { defaultUnattend } from './default-unattend.ts';
import { formatUnattend } from './format-unattend.ts';
import { mergeUnattend } from './merge-unattend.ts';
import { parseUnattend } from './parse-unattend.ts';
import { putVariablesIn } from './put-variables-in.ts';
import type { ProcessorArchitecture } from './unattend.ts';

const folder =
  process.env['METALWRIGHT_SAMPLES'] ?? resolve(import.meta.dirname, '../../../shared/samples');
const samples = join(folder, 'unattend');
const files = existsSync(samples)
  ? readdirSync(samples).filter((name) => name.endsWith('.xml'))
  : [];
const architectures: readonly ProcessorArchitecture[] = ['amd64', 'arm64', 'x86'];

/** Every element with its path and text, sorted, by another reading than ours; numbers of commands aside. */
function elementsOf(text: string): readonly string[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    parseTagValue: false,
    trimValues: false,
    ignoreDeclaration: true,
  });
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    for (const node of Array.isArray(value) ? value : []) {
      const name = Object.keys(node).find((key) => key !== ':@') ?? '';
      const attributes = Object(node[':@']) as Record<string, string>;
      if (name === '#text') {
        if (String(node[name]).trim() !== '') found.push(`${path} = ${String(node[name]).trim()}`);
        continue;
      }
      const { '@_pass': pass = '', '@_name': component = '' } = attributes;
      const own = attributes['@_processorArchitecture'] ?? '';
      const place = `${path}/${[name, pass, component, own].filter(Boolean).join(' ')}`;
      found.push(place);
      walk(node[name], place);
    }
  };
  walk(parser.parse(text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n')), '');
  return found.sort();
}

/** What one has and the other has not, each as often. */
function missing(all: readonly string[], from: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const each of from) left.set(each, (left.get(each) ?? 0) + 1);
  return all.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}

function textOf(name: string): string {
  return readFileSync(join(samples, name), 'utf8');
}

/** Comments, without the blanks and hyphens that may differ. */
function commentsOf(text: string): readonly string[] {
  const comments = text.match(/<!--[\s\S]*?-->/g) ?? [];
  return comments.map((comment) => comment.replaceAll(/[\s-]+/g, '')).sort();
}

describe.skipIf(files.length === 0)('M53 answer files that others wrote', () => {
  it('are 38', () => {
    expect(files.length).toBe(38);
  });

  it.each(files)('%s is read, and every element, text and comment is written again', (name) => {
    const text = textOf(name);
    const formatted = formatUnattend(parseUnattend(readFileSync(join(samples, name))));
    expect(elementsOf(formatted)).toEqual(elementsOf(text));
    expect(commentsOf(formatted)).toEqual(commentsOf(text));
    expect(formatUnattend(parseUnattend(formatted))).toBe(formatted);
  });

  it.each(files)('%s loses nothing over the default, whatever the image is', (name) => {
    const supplied = parseUnattend(readFileSync(join(samples, name)));
    const elements = elementsOf(formatUnattend(supplied));
    for (const architecture of architectures) {
      const base = defaultUnattend(architecture);
      const { unattend, notes } = mergeUnattend(base, supplied, { architecture });
      const merged = formatUnattend(unattend);
      expect(missing(elements, elementsOf(merged))).toEqual([]);
      const own = elementsOf(formatUnattend(base)).filter((each) => !each.includes(' = '));
      expect(missing(own, elementsOf(merged))).toEqual([]);
      const others = supplied.settings.flatMap(({ components }) =>
        components.filter((each) => each.processorArchitecture !== architecture),
      );
      expect(notes.filter(({ kind }) => kind === 'architecture')).toHaveLength(others.length);
    }
  });

  it.each(files)('%s keeps the names of Windows, and tells each mark', (name) => {
    let unattend = parseUnattend(readFileSync(join(samples, name)));
    let told = 0;
    for (const architecture of architectures) {
      const result = putVariablesIn(unattend, Variables.none, architecture);
      unattend = result.unattend;
      told += result.notes.length;
    }
    const marks = textOf(name).match(/%[A-Za-z_]\w*%/g) ?? [];
    expect(told).toBe(marks.length);
    expect(formatUnattend(unattend).match(/%\w+%/g) ?? []).toEqual(
      marks.filter((mark) => /^%(SystemDrive|WinDir)%$/.test(mark)),
    );
  });
});
