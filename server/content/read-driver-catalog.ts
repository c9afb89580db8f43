import { readFile } from 'node:fs/promises';
import { MAX_INDEX_BYTES } from '#agent/drivers/driver-index.ts';
import type { Store } from '../store/operations.ts';
import type { ContentStore } from './store.ts';

/**
 * Brings the catalogue of drivers up to the newest version of each driver package: one that came in by an upload, from
 * an archive or by an older server is read when somebody first asks. Twice at once does the same twice.
 */
export async function readDriverCatalog({
  store,
  content,
}: {
  readonly store: Pick<Store, 'driverCatalog'>;
  readonly content: Pick<ContentStore, 'file'>;
}): Promise<void> {
  for (const unread of await store.driverCatalog.unread()) {
    const { indexSha256 } = unread;
    if (indexSha256 === null) {
      await store.driverCatalog.keep(unread, 'It was added without an index of its drivers');
      continue;
    }
    const file = await content.file(indexSha256).catch(() => undefined);
    // It may come back: content that is lost is told by others, and is not written down here.
    if (file === undefined) continue;
    const index =
      file.sizeBytes > MAX_INDEX_BYTES
        ? `Its index has ${file.sizeBytes} bytes, at most ${MAX_INDEX_BYTES}`
        : new Uint8Array(await readFile(file.path));
    await store.driverCatalog.keep(unread, index);
  }
}
