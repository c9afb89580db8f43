import { closeSync, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Sha256 } from '#agent/protocol/identity.ts';

/** An object that was opened is taken for the next request too, for so long: who replaces a damaged one waits no longer. */
const OPEN_MS = 1000;

/** An object that is open. */
export interface OpenFile {
  readonly sha256: Sha256;
  readonly file: number;
  readonly sizeBytes: number;
  readonly openedMs: number;
  /** Answers under way, and one more while the next request may take it. */
  users: number;
}

/** Objects of a distribution point that are open, to be sent from. */
export function openFiles(directory: string, nowMs: () => number) {
  const open = new Map<Sha256, OpenFile>();
  const release = (source: OpenFile) => {
    source.users -= 1;
    if (source.users === 0) closeSync(source.file);
  };
  const retire = (source: OpenFile) => {
    open.delete(source.sha256);
    release(source);
  };
  return {
    release,
    /** Undefined where there is no such object. */
    take(sha256: Sha256): OpenFile | undefined {
      const known = open.get(sha256);
      if (known !== undefined && nowMs() - known.openedMs < OPEN_MS) {
        known.users += 1;
        return known;
      }
      if (known !== undefined) retire(known);
      let file: number | undefined;
      try {
        file = openSync(join(directory, sha256.slice(0, 2), sha256), 'r');
        const found = fstatSync(file);
        if (!found.isFile() || found.size === 0) throw new Error('no object to send from here');
        const source = { sha256, file, sizeBytes: found.size, openedMs: nowMs(), users: 2 };
        open.set(sha256, source);
        return source;
      } catch {
        // Whoever is asked next says what is wrong with it.
        if (file !== undefined) closeSync(file);
        return undefined;
      }
    },
    sweep() {
      for (const source of open.values()) if (nowMs() - source.openedMs >= OPEN_MS) retire(source);
    },
    closeAll() {
      for (const source of open.values()) retire(source);
    },
  };
}
