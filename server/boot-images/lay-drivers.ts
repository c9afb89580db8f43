import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseInf } from '#agent/drivers/inf.ts';
import { InfError } from '#agent/drivers/inf-error.ts';
import { decodeInf } from '#agent/drivers/inf-text.ts';
import type { ContentManifest } from '#agent/protocol/content.ts';
import type { Sha256 } from '#agent/protocol/identity.ts';
import type { DriverFolder } from '#boot/image/windows-pe.ts';
import { BootImageStoreError } from './boot-image-store-error.ts';
import { driverRank, type InfClass } from './driver-order.ts';

/** An INF is some kilobytes; what is larger is none. */
const MAX_INF_BYTES = 4 * 1024 * 1024;

interface Driver {
  readonly manifest: ContentManifest;
  /** Folder of the package that the INF lies in, empty for its root. */
  readonly folder: string;
  readonly rank: number;
  readonly name: string;
}

/**
 * Lays the drivers of packages into folders of their own, one for each folder that has INF files, numbered
 * in the order in which Windows PE is to load them: `01-rst`, `02-net`.
 *
 * @throws {BootImageStoreError} `boot-image.no-drivers`
 */
export async function layDrivers(
  manifests: readonly ContentManifest[],
  into: string,
  pathOf: (sha256: Sha256) => Promise<string>,
): Promise<readonly DriverFolder[]> {
  const drivers: Driver[] = [];
  for (const manifest of manifests) {
    const found = await driversOf(manifest, pathOf);
    if (found.length === 0)
      throw new BootImageStoreError(
        'boot-image.no-drivers',
        `The package "${manifest.name}" has no INF file`,
        'A driver is a folder with its .inf, .sys and .cat: extract what is packed as a program.',
      );
    drivers.push(...found);
  }
  drivers.sort((one, other) => one.rank - other.rank);
  const laid: DriverFolder[] = [];
  for (const [index, { manifest, folder, name }] of drivers.entries()) {
    const own = `${String(index + 1).padStart(2, '0')}-${name}`;
    const target = join(into, own);
    const prefix = folder === '' ? '' : `${folder}/`;
    for (const { path, sha256 } of manifest.objects) {
      if (!path.startsWith(prefix)) continue;
      const to = join(target, path.slice(prefix.length));
      await mkdir(dirname(to), { recursive: true });
      await copyFile(await pathOf(sha256), to);
    }
    laid.push({ name: own, folder: target });
  }
  return laid;
}

/** The folders of a package with INF files, each ranked by the first of its files that has a rank. */
async function driversOf(
  manifest: ContentManifest,
  pathOf: (sha256: Sha256) => Promise<string>,
): Promise<readonly Driver[]> {
  const byFolder = new Map<string, Driver>();
  for (const { path, sha256, sizeBytes } of manifest.objects) {
    if (!/\.inf$/i.test(path) || basename(path).toLowerCase() === 'autorun.inf') continue;
    if (sizeBytes > MAX_INF_BYTES) continue;
    const folder = path.includes('/') ? dirname(path) : '';
    const ranked = driverRank(classOf(await readFile(await pathOf(sha256)), path));
    const before = byFolder.get(folder);
    if (before === undefined || ranked.rank < before.rank)
      byFolder.set(folder, { manifest, folder, ...ranked });
  }
  return [...byFolder.values()];
}

/** @throws {BootImageStoreError} `boot-image.driver` for an INF that cannot be read */
function classOf(bytes: Uint8Array, path: string): InfClass {
  try {
    return { className: parseInf(bytes).className, text: `${path}\n${decodeInf(bytes)}` };
  } catch (error) {
    if (!(error instanceof InfError)) throw error;
    throw new BootImageStoreError(
      'boot-image.driver',
      `${path} cannot be read as a driver: ${error.message}`,
      'Take the file out of the package, or the package out of the boot image.',
    );
  }
}
