import type { ContentShares } from '../../transport/share-chunks.ts';
import type { windowsNetwork } from './network.ts';

const DISCONNECT_MS = 30_000;

/**
 * Shares that content is read from, without a drive letter. Windows has one account for a server: where a step has
 * connected the same one with another, this is refused, and content comes from elsewhere. Disposing ends them.
 */
export function windowsContentShares(
  network: Pick<ReturnType<typeof windowsNetwork>, 'connectFolder' | 'disconnect'>,
): ContentShares & AsyncDisposable {
  const connected = new Set<string>();
  return {
    async connect({ server, name }, { user, password }, signal) {
      const path = `\\\\${server}\\${name}`;
      const request = { path, drive: null, account: { user, password } };
      const folder = await network.connectFolder(request, signal);
      connected.add(path);
      return folder;
    },
    async [Symbol.asyncDispose]() {
      for (const path of connected)
        await network.disconnect(path, AbortSignal.timeout(DISCONNECT_MS));
      connected.clear();
    },
  };
}
