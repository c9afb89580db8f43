import type { CollectionId } from '#agent/protocol/identity.ts';
import { decideRoom, type WindowFrame, type WindowVerdict } from './room.ts';
import type { MaintenanceWindow } from './window.ts';

/** Whether there is room for a run of a device with these collections; `needMs` as in `decideRoom`. */
export type RoomJudge = (memberOf: ReadonlySet<CollectionId>, needMs: number) => WindowVerdict;

/** Judges many devices at one moment: those with the same windows are looked at once. */
export function judgeRoom(windows: readonly MaintenanceWindow[], frame: WindowFrame): RoomJudge {
  const byCollection = [...Map.groupBy(windows, ({ collectionId }) => collectionId)];
  const known = new Map<string, WindowVerdict>();
  return (memberOf, needMs) => {
    const own = byCollection.filter(([id]) => memberOf.has(id));
    if (own.length === 0) return { kind: 'free' };
    const key = `${needMs} ${own.map(([id]) => id).join(' ')}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const verdict = decideRoom(
      own.flatMap(([, each]) => each),
      needMs,
      frame,
    );
    known.set(key, verdict);
    return verdict;
  };
}
