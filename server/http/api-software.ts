import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';

/** An application in a list. GET /applications. */
export const ApplicationView = z.object({
  id: PackageId,
  name: z.string(),
  /** Counted by the server: each change makes one. */
  revision: z.int(),
  publisher: z.string(),
  softwareVersion: z.string(),
  retired: z.boolean(),
  /** Why no task sequence can install it; null where one can. */
  refusal: z.string().nullable(),
  deploymentTypes: z.array(z.string()),
  createdMs: z.int(),
});
export type ApplicationView = z.infer<typeof ApplicationView>;

/** One with its document, as it was given. GET /applications/:id. */
export const ApplicationDetail = ApplicationView.extend({ application: z.unknown() });

/** POST /applications: a document (docs/applications.md); a name that exists gets a new revision. */
export const ApplicationAdd = Application;
/** POST /applications/:id/retire. */
export const ApplicationRetire = z.strictObject({ retired: z.boolean().default(true) });

export const ProgramView = PackageProgram;
/** PUT /packages/:id/programs: one program, by its name. */
export const ProgramSet = PackageProgram;
