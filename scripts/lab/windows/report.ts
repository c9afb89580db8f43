import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Bench } from '../bench.ts';
import { runCommand } from '../child.ts';
import { historyLines } from '../history.ts';
import type { Lab, WindowsMedia } from '../scenario.ts';
import { wireStory } from '../wire-story.ts';

/**
 * What is worth sharing of an installation, good or bad: which ISO, what was on the wire, the run, its
 * log, the screen. No secret is in it: passwords of the run were made by chance, and masked in log and
 * history.
 */
export async function writeReport(
  lab: Lab,
  { site, capture }: Bench,
  media: WindowsMedia,
  pictures: readonly string[],
): Promise<void> {
  const into = (name: string) => join(media.report, name);
  const [newest] = (await site.runs()).toSorted((a, b) => b.startedMs - a.startedMs);
  const run = newest === undefined ? undefined : await site.run(newest.id);
  const images = await site.metalwright('image', 'list');
  const qemu = await runCommand(['qemu-system-x86_64', '--version']);
  const lines = [
    '# Windows, installed by Metalwright',
    '',
    `- ISO: ${basename(media.iso)}, SHA-256 ${await sha256(media.iso)}`,
    `- ${qemu.split('\n')[0] ?? ''}, Secure Boot on`,
    `- run: ${run === undefined ? 'none was started' : `${run.state} ${run.error === null ? '' : JSON.stringify(run.error)}`}`,
    '',
    '## Images',
    '',
    ...fenced(images),
    '## History',
    '',
    ...fenced(run === undefined ? '' : historyLines(run.events).join('\n')),
    '## On the wire',
    '',
    ...fenced(wireStory(await capture.events()).join('\n')),
    '## Screens',
    '',
    ...pictures.map((name) => `![${name}](${name})`),
    '',
  ];
  await writeFile(into('report.md'), lines.join('\n'));
  if (run !== undefined) {
    await writeFile(into('run.json'), `${JSON.stringify(run, null, 2)}\n`);
    await writeFile(into('run.log'), await site.metalwright('run', 'log', run.id));
  }
  await copyFile(join(lab.directory, 'server.log'), into('server.log'));
}

function fenced(text: string): readonly string[] {
  return ['```', text.trimEnd(), '```', ''];
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
