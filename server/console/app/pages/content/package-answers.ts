import type { z } from 'zod';
import type { ContentVersions } from '../../../../http/api-content.ts';

/** A version of a package that the site has. */
export type PackageVersionView = z.infer<typeof ContentVersions>[number];
