import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readDocumentText } from '../document-text.ts';
import type { TestArchiveSite } from './test-site.ts';

const desktop = new URL('../../docs/examples/devices/desktop.yaml', import.meta.url);

/** What a run of a stored sequence would do on the desktop of the examples; for tests. */
export async function readSimulation(site: TestArchiveSite, name: string): Promise<unknown> {
  const { id } = await site.detail(name);
  const device = readDocumentText(await readFile(desktop, 'utf8')).value;
  return await site.api.call('POST', `/sequences/${id}/simulate`, z.unknown(), {
    json: { device },
  });
}
