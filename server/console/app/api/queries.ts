import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query';
import type { StatusView } from '../../../http/api.ts';
import type { BootImageView } from '../../../http/api-boot-images.ts';
import type { ConflictView } from '../../../http/api-device-conflicts.ts';
import { call } from './call.ts';

/** How often is asked for what the feed does not tell. */
const STATUS_EVERY_MS = 3000;
const IMAGES_EVERY_MS = 9000;

/** Answers of the API under the path that they were asked for by. */
export function useAnswer<Answer>(path: string, options: { readonly everyMs?: number } = {}) {
  return useQuery({
    queryKey: [path],
    queryFn: () => call<Answer>('GET', path),
    ...(options.everyMs === undefined ? {} : { refetchInterval: options.everyMs }),
  });
}

/** Asks again for what a change has changed: all answers whose path begins so. */
export function useRefresh(): (path: string) => Promise<void> {
  const client: QueryClient = useQueryClient();
  return (path) =>
    client.invalidateQueries({
      predicate: ({ queryKey: [key] }) => typeof key === 'string' && key.startsWith(path),
    });
}

/** Listeners, interfaces and settings of network boot. */
export const useStatus = () => useAnswer<StatusView>('/status', { everyMs: STATUS_EVERY_MS });

/** Boot images of Windows PE; what they are set for is found among all devices, so seldom. */
export const useBootImages = () =>
  useAnswer<BootImageView[]>('/boot-images', { everyMs: IMAGES_EVERY_MS });

/** Records that could be one machine. */
export const useConflicts = () =>
  useAnswer<ConflictView[]>('/device-conflicts', { everyMs: STATUS_EVERY_MS });
