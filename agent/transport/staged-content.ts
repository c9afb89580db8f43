import { type MediaFolder, mediaChunks } from './media-chunks.ts';
import type { ObjectSources } from './verified-object.ts';

/** Content of prestaged media, and how much of a run came from there. */
export interface StagedContent {
  /** What of an object lies there; undefined where it does not. */
  readonly read: NonNullable<ObjectSources['local']>;
  /** Told of what came from elsewhere. */
  readonly countFetched: (bytes: number) => void;
  /** For the log. */
  readonly summary: () => string;
}

/** Reads objects from prestaged media. Whether they are right is looked at chunk by chunk, as with any source. */
export function stagedContent(folder: MediaFolder): StagedContent {
  const chunks = mediaChunks(folder);
  let staged = 0;
  let fetched = 0;
  return {
    async read({ sha256 }, { first, last }) {
      try {
        const bytes = await chunks(
          { url: `media://here/${sha256}`, first, last },
          AbortSignal.timeout(READ_MS),
        );
        staged += bytes.length;
        return bytes;
      } catch {
        // A version that came later, or a disk that cannot be read there: it is fetched.
        return undefined;
      }
    },
    countFetched(bytes) {
      fetched += bytes;
    },
    summary: () =>
      `Content: ${(staged / 1e6).toFixed(1)} MB were staged on the disk, ${(fetched / 1e6).toFixed(1)} MB came over the network`,
  };
}

const READ_MS = 60_000;
