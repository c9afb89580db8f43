import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CHUNK_BYTES, ContentObject } from '../../protocol/content.ts';
import type { DiskFacts } from './disk-scan.ts';

const MIB = 1024 * 1024;

/** Why these tests cannot run here, or undefined. With REQUIRE_PEERS=1 that is an error. */
export function missingPeers(...tools: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = tools.filter((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
  const reasons = missing.map((tool) => `${tool} is missing`);
  if (process.getuid?.() !== 0) reasons.push('needs root for loop devices');
  if (!existsSync('/dev/loop-control')) reasons.push('there are no loop devices');
  if (reasons.length === 0) return undefined;
  if (process.env['REQUIRE_PEERS'] === '1') throw new Error(reasons.join(', '));
  return reasons.join(', ');
}

/** A disk that is a sparse file behind a loop device. */
export interface LoopDisk extends Disposable {
  readonly path: string;
  readonly facts: DiskFacts;
}

export function loopDisk(
  sizeMib: number,
  options: { readonly readOnly?: boolean; readonly folder?: string } = {},
): LoopDisk {
  const folder = mkdtempSync(join(options.folder ?? tmpdir(), 'metalwright-disk-'));
  const file = join(folder, 'disk.img');
  writeFileSync(file, '');
  truncateSync(file, sizeMib * MIB);
  const flags = options.readOnly === true ? ['--read-only'] : [];
  const path = execFileSync('losetup', ['--find', '--show', ...flags, file], {
    encoding: 'utf8',
  }).trim();
  return {
    path,
    facts: {
      path,
      id: `serial:Loop disk:${folder}`,
      model: 'Loop disk',
      serial: folder,
      sizeBytes: sizeMib * MIB,
      sectorBytes: 512,
      readOnly: options.readOnly === true,
      removable: false,
    },
    [Symbol.dispose]() {
      try {
        execFileSync('partx', ['--delete', path], { stdio: 'ignore' });
      } catch {
        // It had no partitions.
      }
      execFileSync('losetup', ['--detach', path]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The entry of a manifest for these bytes. */
export function contentObject(path: string, bytes: Uint8Array): ContentObject {
  const sha256 = (part: Uint8Array): string => createHash('sha256').update(part).digest('hex');
  const chunks: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    chunks.push(sha256(bytes.subarray(at, at + CHUNK_BYTES)));
  return ContentObject.parse({ path, sizeBytes: bytes.length, sha256: sha256(bytes), chunks });
}
