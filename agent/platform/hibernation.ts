import { open } from 'node:fs/promises';
import { below } from './below.ts';

/** Of a hibernation file with a session in it; one that was resumed, or is not used, begins otherwise. */
const SESSION = ['hibr', 'HIBR'];

/**
 * Whether Windows lies hibernated on a volume: shut down by Hibernate, or by Fast Startup, which keeps its kernel in the
 * same file. What was changed on the volume since would be lost, or spoil it.
 */
export async function isHibernated(root: string): Promise<boolean> {
  const file = await open(below(root, 'hiberfil.sys'), 'r').catch((error: unknown) => {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return false;
  try {
    const head = Buffer.alloc(4);
    await file.read(head, 0, head.length, 0);
    return SESSION.includes(head.toString('latin1'));
  } finally {
    await file.close();
  }
}
