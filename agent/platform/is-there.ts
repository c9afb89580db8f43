import { stat } from 'node:fs/promises';

/** Whether a path leads to something; what cannot be looked at is not there. */
export async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
