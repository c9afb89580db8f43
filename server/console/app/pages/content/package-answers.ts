import type { z } from 'zod';
import type {
  ContentVersions,
  DistributionPointDetail,
  DistributionPointView,
} from '../../../../http/api-content.ts';

/** A version of a package that the site has. */
export type PackageVersionView = z.infer<typeof ContentVersions>[number];
/** A distribution point in a list. */
export type PointView = DistributionPointView;
/** One distribution point, with the packages that are there. */
export type PointDetail = DistributionPointDetail;
