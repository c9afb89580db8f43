import { join } from 'node:path';
import type { ContentShares } from '../../transport/share-chunks.ts';
import { type MountShareParts, mountShare } from './mount-share.ts';
import { runCommand } from './process.ts';

/** A server that is off is found out by the kernel after 7 s for each of two ports. */
const MOUNT_MS = 30_000;
const UNMOUNT_MS = 10_000;
/**
 * For reading, and for nothing else: programs that lie there do not start. A server that is gone is an error of the
 * read (`soft`), noticed after three echoes: the default would hang for minutes.
 */
const OPTIONS = ['ro', 'nosuid', 'nodev', 'noexec', 'soft', 'echo_interval=4'];

/** Shares that content is read from, apart from those that steps connect. Disposing ends them. */
export function linuxContentShares(
  parts: MountShareParts & {
    /** Below which they are mounted. */
    readonly folder: string;
  },
): ContentShares & AsyncDisposable {
  const { folder, run = runCommand } = parts;
  const mounted = new Set<string>();
  return {
    async connect({ server, name }, account, signal) {
      const target = join(folder, encodeURIComponent(server), encodeURIComponent(name));
      const request = { server, share: name, target, account, options: OPTIONS };
      await mountShare({ ...request, timeoutMs: MOUNT_MS }, parts, signal);
      mounted.add(target);
      return target;
    },
    async [Symbol.asyncDispose]() {
      for (const target of mounted)
        await run(
          { argv: ['umount', '--lazy', target], timeoutMs: UNMOUNT_MS },
          new AbortController().signal,
        );
      mounted.clear();
    },
  };
}
