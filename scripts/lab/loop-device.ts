import { runCommand } from './child.ts';

/** A disk image as a block device of the host. */
export interface LoopDevice extends AsyncDisposable {
  /** `/dev/loop5` */
  readonly path: string;
}

/** Attaches an image to a free loop device, read-only when asked. */
export async function attachLoop(image: string, readOnly = false): Promise<LoopDevice> {
  const flags: string[] = readOnly ? ['--read-only'] : [];
  const path = (await runCommand(['losetup', '--find', '--show', ...flags, image])).trim();
  return {
    path,
    [Symbol.asyncDispose]: () => detach(path),
  };
}

/** Detaches loop devices whose images lie below a folder: what a killed lab left. */
export async function detachLoopsBelow(folder: string): Promise<void> {
  const list = await runCommand([
    'losetup',
    '--list',
    '--noheadings',
    '--output',
    'NAME,BACK-FILE',
  ]);
  for (const line of list.split('\n')) {
    const [path, file] = line.trim().split(/\s+/);
    if (path !== undefined && file?.startsWith(`${folder}/`) === true) await detach(path);
  }
}

/** The kernel keeps partitions of a detached loop device: they are told to go first. */
async function detach(path: string): Promise<void> {
  await runCommand(['partx', '--delete', path], { accept: [1] });
  await runCommand(['losetup', '--detach', path]);
}
