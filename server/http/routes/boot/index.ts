import type { ContentStore } from '../../../content/store.ts';
import type { BootFileMap } from '../../../netboot/snapshot.ts';
import type { RouteFile } from '../../server.ts';
import { objectRoutes } from '../objects.ts';
import { bootFileRoutes } from './boot-files.ts';

/** What the plain listener serves from. */
export interface BootServices {
  readonly content: ContentStore;
  readonly bootFiles: () => BootFileMap;
}

/** All routes of the plain boot listener. */
export const bootRoutes: readonly RouteFile<BootServices>[] = [
  bootFileRoutes,
  objectRoutes('public-boot'),
];
