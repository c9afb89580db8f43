/**
 * What `npm run bench -- apply` measures, in a network namespace of its own. Its one argument is JSON of a
 * folder, the image and the number of rounds; it prints JSON of what was measured.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { linuxDisk } from '#agent/platform/linux/disk.ts';
import { linuxImage } from '#agent/platform/linux/image.ts';
import { loopDisk } from '#agent/platform/linux/loop-disk.testing.ts';
import { Mounts } from '#agent/platform/linux/mounts.ts';
import { CHUNK_BYTES, ContentObject, objectPath } from '#agent/protocol/content.ts';
import { contentConnections } from '#agent/transport/content-trust.ts';
import { httpChunks } from '#agent/transport/fetch-chunk.ts';
import { openVerified } from '#agent/transport/verified-object.ts';
import { runCommand, startChild } from '../../lab/child.ts';
import { SERVER_ADDRESS } from '../../lab/namespace.ts';
import { waitFor } from '../../lab/wait.ts';
import { makeCertificate } from '../wire/certificate.ts';
import { nginx } from '../wire/nginx.ts';
import { MadeImage } from './made-image.ts';

const { directory, image, rounds } = z
  .object({ directory: z.string(), image: MadeImage, rounds: z.int().positive() })
  .parse(JSON.parse(process.argv[2] ?? '{}'));
const PORT = 8480;
const TLS_PORT = 8443;
const SOURCE = `https://${SERVER_ADDRESS}:${TLS_PORT}/content`;
const MIB = 1024 * 1024;
const signal = new AbortController().signal;

/** Puts a file where a distribution point has it. @returns its entry of a manifest */
async function publish(content: string, file: string): Promise<ContentObject> {
  const whole = createHash('sha256');
  const chunks: string[] = [];
  let sizeBytes = 0;
  for await (const chunk of createReadStream(file, {
    highWaterMark: CHUNK_BYTES,
  }) as AsyncIterable<Buffer>) {
    whole.update(chunk);
    chunks.push(createHash('sha256').update(chunk).digest('hex'));
    sizeBytes += chunk.length;
  }
  const object = { path: 'image.wim', sizeBytes, sha256: whole.digest('hex'), chunks };
  const entry = ContentObject.parse(object);
  const place = join(content, objectPath(entry.sha256));
  await mkdir(dirname(place), { recursive: true });
  await symlink(file, place);
  return entry;
}

async function measure() {
  const content = join(directory, 'content');
  const object = await publish(content, image.wim);
  const piped = await publish(content, image.pipable);
  const files = await makeCertificate(directory);
  const ports = { port: PORT, tlsPort: TLS_PORT };
  const argv = await nginx({ directory: join(directory, 'nginx'), content, ...ports, ...files });
  await using server = await startChild(argv, { logFile: join(directory, 'nginx.log') });
  const curl = ['curl', '--silent', '--fail', '--cacert', files.certificateFile] as const;
  await waitFor(
    'nginx answers',
    async () => await runCommand([...curl, '--range', '0-0', SOURCE + objectPath(object.sha256)]),
    { timeoutMs: 10_000, signal, evidence: () => server.tail() },
  );

  // Of memory: the speed of a disk is not what is asked.
  using loop = loopDisk(Math.ceil((image.totalBytes * 1.3) / MIB) + 300, { folder: '/dev/shm' });
  const mounts = new Mounts(join(directory, 'mounts'));
  const disk = linuxDisk({ source: async () => [loop.facts], mounts, beforeErase: async () => {} });
  const [found] = await disk.list(signal);
  if (found === undefined) throw new Error('there is no disk');
  const [made] = await disk.partition(
    {
      disk: found,
      style: 'gpt',
      partitions: [
        {
          type: 'primary',
          label: 'OS',
          sizeBytes: Math.ceil((image.totalBytes * 1.3) / MIB + 280) * MIB,
          active: false,
          format: { fileSystem: 'ntfs', quick: true },
        },
      ],
    },
    signal,
  );
  if (made === undefined) throw new Error('there is no partition');
  const device = (await disk.find(made.volume, signal)).path;

  const ca = await readFile(files.certificateFile, 'utf8');
  await using trust = contentConnections({ cas: () => [ca], nowMs: () => Date.now() });
  const imaging = linuxImage({ disk, mounts, folder: join(directory, 'work') });
  const readBackSeconds: number[] = [];
  const byTheAgent = async (): Promise<number> => {
    const source = openVerified(
      object,
      { sources: [SOURCE], fetchChunk: httpChunks(trust) },
      signal,
    );
    const request = { source, index: 1, volume: made.volume, expectedBytes: image.totalBytes };
    const begun = performance.now();
    let appliedMs = 0;
    for await (const { detail } of imaging.apply({ ...request, fileSystem: 'ntfs' }, signal))
      if (detail === 'Reading back') appliedMs = performance.now();
    readBackSeconds.push((performance.now() - appliedMs) / 1000);
    return (appliedMs - begun) / 1000;
  };
  const timed = async (script: string, ...words: string[]): Promise<number> => {
    const begun = performance.now();
    const format = 'mkntfs --force --fast --label OS "$0" >/dev/null';
    // A pipe ends with what wimlib says: it does not read what follows the last file, which curl calls an error.
    const all = `${format} && ${script} >/dev/null && sync "$0"`;
    await runCommand(['bash', '-c', all, device, ...words], { timeoutMs: 600_000 });
    return (performance.now() - begun) / 1000;
  };
  const url = SOURCE + objectPath(piped.sha256);
  const ways = {
    ours: byTheAgent,
    curl: async () =>
      await timed(
        'curl --silent --fail --cacert "$2" "$1" | wimlib-imagex apply - 1 "$0"',
        url,
        files.certificateFile,
      ),
    file: async () => await timed('wimlib-imagex apply "$1" 1 "$0"', image.wim),
  };
  const seconds: Record<keyof typeof ways, number[]> = { ours: [], curl: [], file: [] };
  const differences: string[] = [];
  const names: readonly (keyof typeof ways)[] = ['ours', 'curl', 'file'];
  for (let round = 0; round <= rounds; round += 1)
    for (const name of names) {
      const took = await ways[name]();
      // The first round warms up, and is compared.
      if (round > 0) seconds[name].push(took);
      else differences.push(...(await compare(name, device, mounts)));
    }
  return { seconds, readBackSeconds, differences };
}

/** Byte by byte, by diff and the file system's own driver. */
async function compare(name: string, device: string, mounts: Mounts): Promise<string[]> {
  await using mounted = await mounts.mount(device, 'ntfs', signal);
  const left = image.leftOut.flatMap((one) => ['--exclude', one]);
  const argv = ['diff', '--recursive', '--brief', '--no-dereference', ...left] as const;
  const said = await runCommand([...argv, image.source, mounted.path], {
    accept: [0, 1],
    timeoutMs: 600_000,
  });
  const lines = said.split('\n').filter((line) => line !== '');
  return lines.length === 0 ? [] : [`${name}: ${lines.length}, ${lines[0]}`];
}

process.stdout.write(`${JSON.stringify(await measure())}\n`);
