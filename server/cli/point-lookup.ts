import { z } from 'zod';
import { DistributionPointDetail, DistributionPointView } from '../http/api-content.ts';
import type { ApiClient } from './api-client.ts';
import { findByName } from './find-by-name.ts';

/** Finds a distribution point by id or name. */
export async function findPoint(api: ApiClient, wanted: string): Promise<DistributionPointView> {
  return findByName(await listPoints(api), wanted, {
    what: 'distribution point',
    listCommand: 'metalwright dp list',
    names: (each) => [each.id, each.name],
    label: (each) => `"${each.name}"`,
  });
}

/** What is on a distribution point, by its id or name. */
export async function showPoint(api: ApiClient, wanted: string): Promise<DistributionPointDetail> {
  const { id } = await findPoint(api, wanted);
  return await api.call('GET', `/distribution-points/${id}`, DistributionPointDetail);
}

/** All distribution points, the server's own first. */
export function listPoints(api: ApiClient): Promise<DistributionPointView[]> {
  return api.call('GET', '/distribution-points', z.array(DistributionPointView));
}
