/**
 * Puts prestaged media on a disk, where no server is: at a staging centre, by any Linux or by Linux PE. Everything on
 * the disk is lost. What lies there then is read back and held against its signed list.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { checkMediaFiles, readMediaManifest } from '#media/check-files.ts';
import { MediaDescription, parseMediaDocument } from '#media/description.ts';
import { type MediaFile, mediaPaths, parseMediaManifest } from '#media/manifest.ts';
import { StepError } from '../../sequence/step-error.ts';
import { assertBlockDevice, syncDevice } from './device.ts';
import { partitionPath } from './disk-scan.ts';
import { Mounts } from './mounts.ts';
import { wipeDisk, writePartitionTable } from './partition-table.ts';
import { runTool } from './process.ts';
import {
  STAGED_NUMBER,
  STAGED_TAIL_BYTES,
  type StagedPartition,
  stagedLine,
} from './staged-partition.ts';

const MIB = 1024 ** 2;
/** Clusters that files fill in part, tables of FAT32, and room for the file system's own. */
const SPARE_BYTES = 64 * MIB;
const SPARE_SHARE = 1.02;
/** The largest that FAT32 has: a file takes at most so much more than its bytes. */
const CLUSTER_BYTES = 32 * 1024;

/** What is to be done. */
export interface Staging {
  /** WIM that `metalwright media create prestaged` made. */
  readonly wim: string;
  /** Whole disk, `/dev/sdb`. */
  readonly disk: string;
  /** Public key of the site; undefined: who signed the media is not looked at, their hashes are. */
  readonly publicKey: string | undefined;
  /** Folder for mount points. */
  readonly folder: string;
  readonly show: (text: string) => void;
}

/** The disk, as a person tells it from others. */
export interface StageTarget {
  readonly path: string;
  readonly described: string;
  readonly sizeBytes: number;
  readonly sectorBytes: number;
}

const text = z.string().nullish();
const Node = z.object({
  name: z.string(),
  type: z.string(),
  size: z.int(),
  ro: z.boolean(),
  'log-sec': z.int().nullish(),
  model: text,
  serial: text,
  mountpoints: z.array(z.string().nullable()).default([]),
  get children() {
    return z.array(Node).optional();
  },
});
type Node = z.infer<typeof Node>;

/** @throws {StepError} `stage.no-disk`, `stage.in-use`, `disk.read-only` */
export async function stageTarget(path: string, signal: AbortSignal): Promise<StageTarget> {
  const columns = 'NAME,TYPE,SIZE,RO,LOG-SEC,MODEL,SERIAL,MOUNTPOINTS';
  const argv = ['--json', '--bytes', '--paths', '--output', columns, path] as const;
  const { stdout, code } = await runTool(['lsblk', ...argv], signal, { allowed: [1, 32, 64] });
  const [node] =
    code === 0
      ? z.object({ blockdevices: z.array(Node) }).parse(JSON.parse(stdout)).blockdevices
      : [];
  if (node === undefined || !['disk', 'loop'].includes(node.type) || node.size === 0)
    throw new StepError('stage.no-disk', `${path} is no disk`, {
      hint: 'lsblk lists those there are; name a whole one, and no partition.',
    });
  const uses = usesOf(node);
  if (uses.length > 0)
    throw new StepError('stage.in-use', `${path} is in use: ${uses.join(', ')}`, {
      hint: 'Is it the disk that this system runs from? Otherwise unmount it.',
    });
  if (node.ro) throw new StepError('disk.read-only', `${path} is write-protected`);
  const names = [node.model?.trim() ?? '', node.serial ? `serial ${node.serial.trim()}` : ''];
  const size = `${(node.size / 1e9).toFixed(1)} GB`;
  return {
    path,
    described: [path, ...names.filter((name) => name !== ''), size].join(', '),
    sizeBytes: node.size,
    sectorBytes: node['log-sec'] ?? 512,
  };
}

function usesOf({ name, type, mountpoints, children = [] }: Node): string[] {
  const mounted = mountpoints.flatMap((place) => (place === null ? [] : [`${name} at ${place}`]));
  const layered = ['disk', 'loop', 'part'].includes(type) ? [] : [`${name} (${type})`];
  return [...mounted, ...layered, ...children.flatMap(usesOf)];
}

/**
 * Everything is looked at in the WIM that can be before anything is erased: what the list of files says, and who
 * signed it. @returns what the media say of themselves
 * @throws {StepError} `stage.no-wim`, `disk.too-small`, `disk.*`; {MediaError} `media.*`
 */
export async function stageDisk(
  { wim, publicKey, folder, show }: Omit<Staging, 'disk'>,
  target: StageTarget,
  signal: AbortSignal,
): Promise<MediaDescription> {
  const own = join(folder, 'own');
  await mkdir(own, { recursive: true });
  for (const path of signedBy) await extractFile(wim, { path, to: own }, signal);
  const files =
    publicKey === undefined
      ? parseMediaManifest(await readFile(join(own, mediaPaths.manifest), 'utf8'))
      : await readMediaManifest(own, publicKey);
  await extractFile(wim, { path: mediaPaths.description, to: own }, signal);
  const description = parseMediaDocument(
    MediaDescription,
    await readFile(join(own, mediaPaths.description), 'utf8'),
    mediaPaths.description,
  );
  const place = placeStaged(target, files);
  show(`Erasing ${target.described}`);
  const device = await layOut(target, place, signal);
  await using mounts = new Mounts(join(folder, 'mounts'));
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const tell = tenths(show);
  {
    await using volume = await mounts.mount(device, 'fat32', signal);
    let doneBytes = 0;
    for (const { path, sizeBytes } of [
      ...files,
      ...signedBy.map((path) => ({ path, sizeBytes: 0 })),
    ]) {
      await extractFile(wim, { path, to: volume.path }, signal);
      doneBytes += sizeBytes;
      tell('Written', doneBytes / totalBytes);
    }
    await mounts.sync(device, signal);
  }
  await syncDevice(device);
  // Mounted again, so that what is read comes from the disk.
  await using volume = await mounts.mount(device, 'fat32', signal);
  for await (const { doneBytes } of checkMediaFiles(volume.path, files, signal))
    tell('Read back', doneBytes / totalBytes);
  return description;
}

/** Files that their own list does not name. */
const signedBy = [mediaPaths.manifest, mediaPaths.signature] as const;

function tenths(show: (text: string) => void): (what: string, fraction: number) => void {
  const told = new Map<string, number>();
  return (what, fraction) => {
    const tenth = Math.floor(fraction * 10);
    if (tenth <= (told.get(what) ?? -1)) return;
    told.set(what, tenth);
    show(`${what}: ${tenth * 10} %`);
  };
}

/**
 * One file of the WIM, written as any program writes: wimlib sets what FAT has not, and a FAT in user space ends of
 * that. @throws {StepError} `stage.no-wim`
 */
async function extractFile(
  wim: string,
  { path, to }: { readonly path: string; readonly to: string },
  signal: AbortSignal,
): Promise<void> {
  const target = join(to, path);
  await mkdir(dirname(target), { recursive: true });
  const argv = ['extract', wim, '1', `/${path}`, '--to-stdout', '--no-acls'];
  const child = spawn('wimlib-imagex', argv, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000);
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const [written, code] = await Promise.allSettled([
    pipeline(child.stdout, createWriteStream(target, { highWaterMark: MIB })),
    ended,
  ]);
  signal.throwIfAborted();
  if (code.status === 'fulfilled' && code.value === 0) {
    if (written.status === 'fulfilled') return;
    throw new StepError('disk.write', `${path} cannot be written: ${String(written.reason)}`);
  }
  const why = code.status === 'rejected' ? String(code.reason) : said.trim().split('\n').at(-1);
  throw new StepError('stage.no-wim', `${wim} cannot be read: ${path}: ${why}`, {
    hint: 'Take the file that metalwright media create prestaged made, whole.',
  });
}

type Place = Pick<StagedPartition, 'startBytes' | 'sizeBytes'>;

/** @throws {StepError} `disk.too-small` */
function placeStaged({ path, sizeBytes }: StageTarget, files: readonly MediaFile[]): Place {
  const content = files.reduce((sum, file) => sum + file.sizeBytes + CLUSTER_BYTES, 0);
  const needed = Math.ceil((content * SPARE_SHARE + SPARE_BYTES) / MIB) * MIB;
  const end = Math.floor((sizeBytes - STAGED_TAIL_BYTES) / MIB) * MIB;
  if (end - needed >= MIB) return { startBytes: end - needed, sizeBytes: needed };
  throw new StepError(
    'disk.too-small',
    `the media need ${needed / MIB} MiB, ${path} has ${Math.floor(sizeBytes / MIB)}`,
  );
}

/** One partition, at the end of the disk. @returns its device */
async function layOut(
  { path, sizeBytes, sectorBytes }: StageTarget,
  place: Place,
  signal: AbortSignal,
): Promise<string> {
  await wipeDisk({ path, sizeBytes }, signal);
  const line = stagedLine({ ...place, partitionGuid: randomUUID() }, sectorBytes);
  await writePartitionTable(path, { script: `label: gpt\nunit: sectors\n${line}` }, signal);
  const device = partitionPath(path, STAGED_NUMBER);
  await assertBlockDevice(device);
  await runTool(['wipefs', '--all', '--force', device], signal);
  await runTool(['mkfs.fat', '-F', '32', '-n', 'MW-STAGED', device], signal);
  await syncDevice(device);
  return device;
}
