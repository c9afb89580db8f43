import type { ContentObject, ImageFacts } from '#agent/protocol/content.ts';
import { bootSigners } from '#boot/image/windows-pe/boot-signers.ts';
import { readWim } from '#media/wim/metadata.ts';
import type { ContentStore } from './store.ts';
import { withStoredWim } from './stored-wim.ts';

/** Files of a solid WIM (ESD) lie deep in it; the listing is not worth more time. */
const SIGNERS_TIMEOUT_MS = 60_000;

/** What the stored WIM says of itself. Throws `WimError` for one that is damaged or none at all. */
export async function readImages(
  content: Pick<ContentStore, 'file'>,
  object: ContentObject,
): Promise<ImageFacts[]> {
  const stored = await content.file(object.sha256);
  const { images } = await withStoredWim(stored, readWim);
  // How many files it has counts only where it is applied.
  const told: ImageFacts[] = [];
  for (const { entries: _entries, ...facts } of images)
    told.push(await withSigners(stored.path, facts));
  return told;
}

/** Adds who signed its boot managers; where that cannot be seen, it is not told. */
async function withSigners(wim: string, image: ImageFacts): Promise<ImageFacts> {
  const { windows, index, kind } = image;
  if (!windows || kind !== 'windows') return image;
  try {
    const signal = AbortSignal.timeout(SIGNERS_TIMEOUT_MS);
    const signers = [...(await bootSigners({ wim, index }, signal))];
    return { ...image, windows: { ...windows, signers } };
  } catch {
    return image;
  }
}
