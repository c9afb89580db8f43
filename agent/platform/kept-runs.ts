import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import type { KeptRuns } from '../journal/places.ts';
import type { MountedVolume } from '../sequence/platform.ts';
import { below } from './below.ts';

const FOLDER = 'metalwright';
const RUNS = 'runs';
/** The names of files, and so the ids of runs. */
const FILE = /^([0-9a-f-]{36})\.json$/;

/** Runs that ended without a server, on the first system partition: one file each, whole or not there. */
export function keptRuns(
  mounted: (signal: AbortSignal) => Promise<MountedVolume | undefined>,
): KeptRuns {
  return {
    async keep(name, text, signal) {
      await using volume = await mounted(signal);
      if (volume === undefined) return;
      for (const folder of [below(volume.path, FOLDER), below(volume.path, FOLDER, RUNS)])
        await mkdir(folder).catch((error: unknown) => {
          if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        });
      const path = below(volume.path, FOLDER, RUNS, `${name}.json`);
      await using file = await open(`${path}.part`, 'w');
      await file.writeFile(text);
      await file.sync();
      await rename(`${path}.part`, path);
    },
    async list(signal) {
      await using volume = await mounted(signal);
      if (volume === undefined) return [];
      const folder = below(volume.path, FOLDER, RUNS);
      const found: { name: string; text: string }[] = [];
      for (const file of await readdir(folder).catch(() => [])) {
        const name = FILE.exec(file)?.[1];
        if (name === undefined) continue;
        found.push({ name, text: await readFile(below(folder, file), 'utf8') });
      }
      return found;
    },
    async drop(name, signal) {
      await using volume = await mounted(signal);
      if (volume !== undefined)
        await rm(below(volume.path, FOLDER, RUNS, `${name}.json`), { force: true });
    },
  };
}
