import type { Readable } from 'node:stream';
import type { ContentObject } from '#agent/protocol/content.ts';
import type { Sha256 } from '#agent/protocol/identity.ts';
import type { ContentStore } from './store.ts';

/** Takes a stream in and makes use of the object; what `use` refuses is not kept. */
type TakeIn = <Answer>(
  stream: Readable,
  path: string,
  use: (object: ContentObject) => Promise<Answer>,
) => Promise<Answer>;

/** How objects come in, and how those that nothing refers to go. */
export interface Intake {
  readonly takeIn: TakeIn;
  /** Makes use of an object that is here already. */
  readonly use: <Answer>(
    object: ContentObject,
    use: (object: ContentObject) => Promise<Answer>,
  ) => Promise<Answer>;
  /**
   * The same with a file that has come in whole (`ContentStore.adopt`); answers from which byte on it is wrong, where it
   * is.
   */
  readonly adopt: <Answer>(
    path: string,
    object: ContentObject,
    use: (object: ContentObject) => Promise<Answer>,
  ) => Promise<{ readonly answer: Answer } | { readonly fromByte: number }>;
  /** Takes an object away, unless something refers to it or makes use of it now. */
  readonly discard: (sha256: Sha256) => Promise<void>;
}

/**
 * Uploads that are refused after they are in (no WIM, a name that is taken) must not fill the disk for
 * ever. Two uploads may bring the same object: the first one's refusal takes it away only when no other
 * is making use of it, and one that comes meanwhile waits until it is known whether the object stays.
 *
 * @param isReferred whether anything kept refers to the object
 */
export function createIntake(
  content: Pick<ContentStore, 'ingest' | 'adopt' | 'remove' | 'delete'>,
  isReferred: (sha256: Sha256) => Promise<boolean>,
): Intake {
  const users = new Map<Sha256, number>();
  const removals = new Map<Sha256, Promise<void>>();
  const leave = (sha256: Sha256): number => {
    const left = (users.get(sha256) ?? 1) - 1;
    if (left === 0) users.delete(sha256);
    else users.set(sha256, left);
    return left;
  };
  const removeUnlessReferred = async (object: ContentObject) => {
    try {
      if (!(await isReferred(object.sha256))) await content.remove(object);
    } catch {
      // Why the upload was refused is what is told; the object stays.
    } finally {
      removals.delete(object.sha256);
    }
  };
  const makeUse = async <Answer>(
    object: ContentObject,
    use: (object: ContentObject) => Promise<Answer>,
  ): Promise<Answer> => {
    const { sha256 } = object;
    users.set(sha256, (users.get(sha256) ?? 0) + 1);
    let used = false;
    try {
      await removals.get(sha256);
      const answer = await use(object);
      used = true;
      return answer;
    } finally {
      if (leave(sha256) === 0 && !used) {
        const removal = removeUnlessReferred(object);
        removals.set(sha256, removal);
        await removal;
      }
    }
  };
  return {
    takeIn: async (stream, path, use) => makeUse(await content.ingest(stream, path), use),
    use: makeUse,
    async adopt(path, said, use) {
      const object = await content.adopt(path, said);
      return 'fromByte' in object ? object : { answer: await makeUse(object, use) };
    },
    async discard(sha256) {
      if (users.has(sha256) || removals.has(sha256) || (await isReferred(sha256))) return;
      if (users.has(sha256) || removals.has(sha256)) return;
      const removal = content.delete(sha256).finally(() => removals.delete(sha256));
      removals.set(sha256, removal);
      await removal;
    },
  };
}
