import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Finding } from './finding.ts';

/** A program that some part needs, the Debian package it is in, and what is missing without it. */
interface Tool {
  readonly program: string;
  readonly debianPackage: string;
  readonly needed: string;
  readonly forServing: boolean;
}

/** In the order shown. Building boot images is done once; serving them needs no tool. */
const tools: readonly Tool[] = [
  {
    program: 'mksquashfs',
    debianPackage: 'squashfs-tools',
    needed: 'building Linux PE',
    forServing: false,
  },
  { program: 'dpkg-deb', debianPackage: 'dpkg', needed: 'building Linux PE', forServing: false },
  {
    program: 'zstd',
    debianPackage: 'zstd',
    needed: 'building Linux PE and the agent',
    forServing: false,
  },
  {
    program: 'wimlib-imagex',
    debianPackage: 'wimtools',
    needed: 'capturing images',
    forServing: false,
  },
];

/** Looks for each tool on `path`. */
export async function checkTools(path: string): Promise<Finding[]> {
  return await Promise.all(
    tools.map(async ({ program, debianPackage, needed, forServing }): Promise<Finding> => {
      const at = await findProgram(program, path);
      if (at !== undefined) {
        return { level: 'ok', code: 'doctor.tool', message: `${program} is at ${at} (${needed})` };
      }
      return {
        level: forServing ? 'problem' : 'warning',
        code: 'doctor.tool',
        message: `${program} is missing: ${needed} does not work without it`,
        hint: `apt-get install ${debianPackage}`,
      };
    }),
  );
}

async function findProgram(program: string, path: string): Promise<string | undefined> {
  // sbin is not on the path of plain users, and some of the tools are there.
  for (const folder of [...path.split(delimiter), '/usr/sbin', '/sbin']) {
    if (folder === '') continue;
    const file = join(folder, program);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}
