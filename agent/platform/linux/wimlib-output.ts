import type { FileCount } from './file-count.ts';

/** What `wimlib-imagex info FILE INDEX` says of one image; undefined when it says nothing of the kind. */
export function parseImageInfo(output: string): FileCount | undefined {
  const number = (title: string): number | undefined => {
    const found = new RegExp(`^${title}:\\s+(\\d+)\\s*$`, 'm').exec(output)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [files, folders] = [number('File Count'), number('Directory Count')];
  const bytes = number('Total Bytes');
  if (files === undefined || folders === undefined || bytes === undefined) return undefined;
  return { files, folders, bytes };
}

const UNITS: Readonly<Record<string, number>> = {
  bytes: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};
const PROGRESS = /(\d+) (bytes|KiB|MiB|GiB) of (\d+) (bytes|KiB|MiB|GiB) \(\d+%\) done/g;

/** The latest `Extracting file data: 12 MiB of 300 MiB (4%) done` in a piece of wimlib's output. */
export function parseWimlibProgress(text: string): { done: number; total: number } | undefined {
  const [, done, doneUnit, total, totalUnit] = [...text.matchAll(PROGRESS)].at(-1) ?? [];
  if (done === undefined || doneUnit === undefined || total === undefined) return undefined;
  return {
    done: Number(done) * (UNITS[doneUnit] ?? 1),
    total: Number(total) * (UNITS[totalUnit ?? ''] ?? 1),
  };
}

/** wimlib's error codes that an operator meets (wimlib.h, `enum wimlib_error_code`). */
const exits: Readonly<Record<number, { meaning: string; error: string; hint?: string }>> = {
  2: {
    meaning: 'invalid compressed data',
    error: 'image.damaged',
    hint: 'Add the image again from a good copy.',
  },
  13: {
    meaning: 'integrity check failed',
    error: 'image.damaged',
    hint: 'Add the image again from a good copy.',
  },
  17: {
    meaning: 'invalid header',
    error: 'image.unreadable',
    hint: 'The file is no WIM, or its beginning is damaged.',
  },
  18: {
    meaning: 'no such image',
    error: 'image.index',
    hint: 'The index in the step is not in this WIM.',
  },
  20: { meaning: 'invalid lookup table entry', error: 'image.damaged' },
  21: { meaning: 'invalid metadata resource', error: 'image.damaged' },
  28: { meaning: 'SHA-1 of a file in the WIM does not match', error: 'image.damaged' },
  33: {
    meaning: 'part of a split WIM',
    error: 'image.split',
    hint: 'Join the parts (wimlib-imagex join) and add the whole.',
  },
  39: {
    meaning: 'out of memory',
    error: 'image.memory',
    hint: 'Solid (ESD) images need more memory.',
  },
  43: { meaning: 'not a WIM file', error: 'image.unreadable', hint: 'Is it an ISO or an archive?' },
  46: {
    meaning: 'NTFS-3G failed',
    error: 'image.write',
    hint: 'Volume too small, or the disk is failing.',
  },
  47: { meaning: 'cannot open', error: 'image.failed' },
  48: { meaning: 'cannot open folder', error: 'image.failed' },
  50: {
    meaning: 'read error',
    error: 'image.read',
    hint: 'The image could not be read to its end.',
  },
  55: { meaning: 'a file in the WIM is missing', error: 'image.damaged' },
  65: {
    meaning: 'the WIM ends too early',
    error: 'image.truncated',
    hint: 'Add the image again from a whole copy.',
  },
  72: {
    meaning: 'write error',
    error: 'image.write',
    hint: 'Volume too small, or the disk is failing.',
  },
};

/** What an exit code of wimlib-imagex means, and the code of the error it becomes. */
export function wimlibExit(code: number): {
  readonly meaning: string;
  readonly error: string;
  readonly hint?: string;
} {
  return exits[code] ?? { meaning: 'see its output', error: 'image.failed' };
}
