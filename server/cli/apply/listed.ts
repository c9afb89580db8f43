import { z } from 'zod';
import type { ApiClient } from '../api-client.ts';
import { key } from './difference.ts';

/** What objects of all kinds are called. */
export const Name = z.string().trim().min(1).max(128);

/** What a list of the server has, by name. */
export async function listByName<Item extends z.ZodType<{ readonly name: string }>>(
  api: ApiClient,
  path: string,
  item: Item,
): Promise<Map<string, z.output<Item>>> {
  const all = await api.call('GET', path, z.array(item));
  return new Map(all.map((one) => [key(one.name), one]));
}

/** Deletes what has an id below a path. */
export function removeBelow(
  path: string,
): (api: ApiClient, now: { readonly id: string }) => Promise<void> {
  return async (api, { id }) =>
    void (await api.call('DELETE', `${path}/${encodeURIComponent(id)}`, z.unknown()));
}
