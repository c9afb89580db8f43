/** Stands for `store/open.ts` where the store's tests run on PostgreSQL (`scripts/vitest.interop.config.ts`). */
import { openStore as open } from '../open.ts';
import { testLocation } from '../test-location.ts';

/** The store on the database that stands for the path. */
export const openStore: typeof open = async (path, ...rest) =>
  await open(await testLocation(path), ...rest);
