import { z } from 'zod';

/** Something of a deployment share that an import would bring, or that has to be brought by hand. */
const ShareItem = z.object({
  name: z.string(),
  /** Where its files are, below the share; empty where it has none of its own. */
  path: z.string(),
  /** Of its files; null where they are not there, or it has none. */
  sizeBytes: z.int().nullable(),
  /** What else there is to know of it, in words. */
  note: z.string(),
});
export type ShareItem = z.output<typeof ShareItem>;

/** What a deployment share of MDT has beside its task sequences. */
export const ShareReport = z.object({
  folder: z.string(),
  description: z.string(),
  uncPath: z.string(),
  taskSequences: z.array(
    z.object({ id: z.string(), name: z.string(), template: z.string(), isEnabled: z.boolean() }),
  ),
  operatingSystems: z.array(ShareItem),
  applications: z.array(ShareItem),
  packages: z.array(ShareItem),
  drivers: z.int(),
  driverGroups: z.array(ShareItem),
  selectionProfiles: z.array(
    z.object({ name: z.string(), includes: z.array(z.string()), excludes: z.array(z.string()) }),
  ),
  /** Rules files: how many sections and values each has. */
  rules: z.array(
    z.object({
      name: z.string(),
      sections: z.int(),
      values: z.int(),
      /** Lines that MDT does not see. */
      notes: z.array(z.object({ line: z.int(), message: z.string() })),
    }),
  ),
  linkedShares: z.array(z.string()),
  media: z.array(z.string()),
  /** Scripts of the share that need something of MDT or Configuration Manager. */
  scripts: z.array(
    z.object({ path: z.string(), description: z.string(), findings: z.array(z.string()) }),
  ),
  lookedAtScripts: z.int(),
  /** What stands in its lists and is not on its disk. */
  missing: z.array(z.object({ what: z.string(), path: z.string() })),
});
export type ShareReport = z.output<typeof ShareReport>;
