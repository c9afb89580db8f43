import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaPlan } from '#media/build/lay-files.ts';
import { makeMedia } from '#media/build/make-media.ts';
import { testMediaPlan } from '#media/build/media-plan.testing.ts';
import { checkMediaFiles, readMediaManifest } from '#media/check-files.ts';
import { testSigner } from '#media/signify.testing.ts';
import { runCommand } from '../lab/child.ts';
import { type Benchmark, below, checked, type Figure, told } from './benchmark.ts';
import { makeContent } from './media/made-content.ts';
import { median } from './medians.ts';

const ROUNDS = Number(process.env['METALWRIGHT_BENCH_ROUNDS'] ?? 3);
const CONTENT_BYTES = Number(process.env['METALWRIGHT_BENCH_BYTES'] ?? 4_000_000_000);
const signal = new AbortController().signal;
const signer = testSigner();
const sign = async (bytes: Uint8Array) => signer.sign(bytes);

/** Stand-alone media beside `cp` of the image that came out: both from cold files, both until the disk has it. */
export const media: Benchmark = {
  name: 'media',
  title: 'a stand-alone USB image of 4 GB of content beside cp of the same bytes',
  run: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'metalwright-bench-media-'));
    try {
      return await measure(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

type Seconds = Record<'first' | 'second' | 'cp', number[]>;

async function measure(directory: string): Promise<Figure[]> {
  const bootImage = await makeBootImage(directory);
  const objects = await makeContent(join(directory, 'content'), CONTENT_BYTES);
  const seconds: Seconds = { first: [], second: [], cp: [] };
  const differences: string[] = [];
  let bytes = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const known = join(directory, `known-${round}`);
    const make = async (name: 'first' | 'second'): Promise<string> => {
      const output = join(directory, `${name}.iso`);
      for (const { file } of objects) await forget(file);
      const plan = testMediaPlan(bootImage, { description: { label: name }, objects, sign });
      seconds[name].push(
        await timed(async () => {
          const work = join(directory, 'work');
          await makeMedia(plan, { form: 'iso', output, work, known, onProgress() {}, signal });
        }),
      );
      return output;
    };
    const image = await make('first');
    bytes = (await stat(image)).size;
    await forget(image);
    const copy = join(directory, 'copy');
    seconds.cp.push(
      await timed(async () => {
        await runCommand(['cp', '--reflink=never', image, copy], { timeoutMs: 600_000 });
        await runCommand(['sync', copy], { timeoutMs: 600_000 });
      }),
    );
    await rm(copy);
    const second = await make('second');
    if (round === 1)
      for (const each of [image, second]) differences.push(...(await differs(each, objects)));
    await rm(image);
    await rm(second);
  }
  return figuresOf(seconds, bytes, differences);
}

function figuresOf(seconds: Seconds, bytes: number, differences: readonly string[]): Figure[] {
  const [first, second, cp] = [seconds.first, seconds.second, seconds.cp].map(median);
  const of = (value = Number.NaN) => value / (cp ?? Number.NaN);
  return [
    told('the image', bytes / 1e6, 'MB'),
    told('cp and sync of it', cp ?? Number.NaN, 's'),
    told('the first image', first ?? Number.NaN, 's'),
    told('another one of the same content', second ?? Number.NaN, 's'),
    below('the first image, of cp', of(first), 1.3, 'x'),
    below('another one, of cp', of(second), 1.3, 'x'),
    below('another one, of the first', (second ?? Number.NaN) / (first ?? Number.NaN), 1, 'x'),
    checked(
      'each file is what the manifest says, each object what it was, as xorriso reads them',
      differences.length === 0,
      differences.join('; ') || 'no difference',
    ),
  ];
}

/** Files by the names that media are made of, of about the size of Linux PE. */
async function makeBootImage(directory: string): Promise<string> {
  const folder = join(directory, 'boot');
  await mkdir(folder);
  const mb = { vmlinuz: 8, 'loader.img': 12, 'rest.squashfs': 76, 'agent-linux-x64.zst': 36 };
  const small = ['shimx64.efi', 'media-grubx64.efi', 'mmx64.efi', 'manifest', 'media-bios.img'];
  const sizes = [...Object.entries(mb), ...small.map((name) => [name, 0.5] as const)];
  for (const [name, size] of [...sizes, ['media-mbr.img', 512 / 1e6] as const]) {
    await using file = await open(join(folder, name), 'w');
    await file.writeFile(randomBytes(Math.round(size * 1e6)));
    await file.sync();
  }
  return folder;
}

/** What is another in an image: taken out of it by another program than made it, and put together again. */
async function differs(image: string, objects: MediaPlan['objects']): Promise<string[]> {
  const out = `${image}-out`;
  await runCommand(['xorriso', '-osirrox', 'on', '-indev', image, '-extract', '/', out], {
    timeoutMs: 600_000,
  });
  await runCommand(['chmod', '-R', 'u+w', out]);
  try {
    const files = await readMediaManifest(out, signer.publicKey);
    for await (const _ of checkMediaFiles(out, files, signal));
    const wrong: string[] = [];
    for (const { sha256 } of objects) {
      const hash = createHash('sha256');
      const pieces = files.filter(({ path }) => path.includes(sha256)).map(({ path }) => path);
      for (const path of pieces.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))) {
        await using file = await open(join(out, path));
        for await (const chunk of file.createReadStream({ highWaterMark: 1024 ** 2 }))
          hash.update(chunk);
      }
      if (hash.digest('hex') !== sha256) wrong.push(`object ${sha256}`);
    }
    return wrong;
  } catch (error) {
    return [String(error)];
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Makes the kernel forget what it has of a file in memory. */
async function forget(file: string): Promise<void> {
  await runCommand(['dd', `if=${file}`, 'iflag=nocache', 'count=0', 'status=none']);
}

async function timed(act: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await act();
  return (performance.now() - started) / 1000;
}
