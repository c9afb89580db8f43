import { homedir } from 'node:os';
import { join } from 'node:path';

/** Downloads and what was built of them, shared by all clones of a user; scripts/setup says the same. */
export const cacheDirectory: string =
  process.env['METALWRIGHT_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'metalwright');
