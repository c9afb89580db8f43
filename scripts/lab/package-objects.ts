import { z } from 'zod';
import { ContentManifest, type ContentObject } from '#agent/protocol/content.ts';
import type { Site } from './site.ts';

const Packages = z.array(z.object({ id: z.string(), name: z.string() }));

/** The objects of a package's newest version. */
export async function objectsOf(site: Site, name: string): Promise<readonly ContentObject[]> {
  const api = await site.api();
  const found = (await api.call('GET', '/packages', Packages)).find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no package ${name}`);
  return (await api.call('GET', `/packages/${found.id}/manifest`, ContentManifest)).objects;
}
