import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AGENT_FILE } from '../agent-package.ts';
import { imageFiles } from '../netboot/boot-files.ts';
import type { Finding } from './finding.ts';

/** What a machine fetches; without one of them it does not start. The server makes the rest itself. */
const linuxPeFiles = [...imageFiles, AGENT_FILE];

/** Looks whether the boot image is there, whole, in the directory that `serve --boot-images` names. */
export async function checkBootImages(directory: string | undefined): Promise<Finding[]> {
  if (directory === undefined) {
    return [
      {
        level: 'warning',
        code: 'doctor.boot-image',
        message: 'boot images were not looked at: it was not said where they are',
        hint: 'name the directory that serve is given: metalwright doctor --boot-images <dir>',
      },
    ];
  }
  const sizes = await Promise.all(
    linuxPeFiles.map((file) =>
      stat(join(directory, file)).then(
        (facts) => facts.size,
        () => 0,
      ),
    ),
  );
  const missing = linuxPeFiles.filter((_, index) => sizes[index] === 0);
  if (missing.length === 0) {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    return [
      {
        level: 'ok',
        code: 'doctor.boot-image',
        message: `Linux PE x64 is ready in ${directory} (${(total / 1e6).toFixed(0)} MB)`,
      },
    ];
  }
  return [
    {
      level: 'problem',
      code: 'doctor.boot-image',
      message: `Linux PE x64 is not whole in ${directory}: no ${missing.join(', ')}`,
      hint: `build it: node scripts/build-boot.ts --out ${directory} (scripts/run does this by itself)`,
    },
  ];
}
