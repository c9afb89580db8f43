import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding } from './finding.ts';

/** Below this no operating system image fits any more. */
const LOW_BYTES = 10e9;
const EMPTY_BYTES = 1e9;

/** Looks whether the data directory can be written, by this user, and how much room is on its disk. */
export async function checkDataDirectory(path: string): Promise<Finding[]> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) {
    const parent = await access(dirname(path), constants.W_OK).then(
      () => true,
      () => false,
    );
    return [
      parent
        ? { level: 'ok', code: 'doctor.data', message: `${path} is not there yet; serve makes it` }
        : {
            level: 'problem',
            code: 'doctor.data',
            message: `${path} is not there and cannot be made by this user`,
            hint: `make it once: install -d -o "$USER" -m 0750 ${path}, or name another with --data`,
          },
    ];
  }
  if (!facts.isDirectory()) {
    return [
      {
        level: 'problem',
        code: 'doctor.data',
        message: `${path} is not a directory`,
        hint: 'name a directory with --data',
      },
    ];
  }
  return [await checkWritable(path), await checkSpace(path)];
}

async function checkWritable(path: string): Promise<Finding> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return { level: 'ok', code: 'doctor.data', message: `${path} can be written` };
  } catch (error) {
    return {
      level: 'problem',
      code: 'doctor.data',
      message: `${path} cannot be written by this user (${error instanceof Error ? error.message : String(error)})`,
      hint: `run as the user the server runs as, or change its owner: chown -R <user>: ${path}`,
    };
  }
}

async function checkSpace(path: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  const message = `${(free / 1e9).toFixed(1)} GB are free for ${path}`;
  if (free >= LOW_BYTES) return { level: 'ok', code: 'doctor.space', message };
  return {
    level: free < EMPTY_BYTES ? 'problem' : 'warning',
    code: 'doctor.space',
    message,
    hint: 'make room, or move the data directory to a bigger disk: each stored image takes its own size',
  };
}
