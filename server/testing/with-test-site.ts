import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openTestSite, type TestSite } from '../test-machines.ts';
import { openSiteSecret } from '../trust/site-secret.ts';

/** Opens a site for all tests of a file, which take it and the key of its variables; closed after the last. */
export function withTestSite(
  take: (site: TestSite, variableKey: Uint8Array) => void | Promise<void>,
): void {
  let site: TestSite | undefined;
  beforeAll(async () => {
    site = await openTestSite();
    const { variableKey } = await openSiteSecret(join(site.directory, 'data'));
    await take(site, variableKey);
  });
  afterAll(() => site?.[Symbol.asyncDispose]());
}
