import { z } from 'zod';
import type { ContentManifest } from '#agent/protocol/content.ts';
import { Application, applicationRefusal } from '#agent/sequence/application.ts';
import { PackageProgram, programRefusal } from '#agent/sequence/package-program.ts';

/** What of a package's software sequences are held against, beside its manifest of many megabytes. */
export const SoftwareFacts = z.object({
  /** Of a package: its programs, and why a task sequence cannot run one. */
  programs: z.array(z.object({ name: z.string(), refusal: z.string().optional() })).default([]),
  /** Of an application: why a task sequence cannot install it. */
  refusal: z.string().optional(),
});
export type SoftwareFacts = z.infer<typeof SoftwareFacts>;

/** The facts of a manifest; undefined where it has no software. Pure. */
export function softwareFacts({
  kind,
  programs,
  application,
}: Pick<ContentManifest, 'kind' | 'programs' | 'application'>): SoftwareFacts | undefined {
  if (kind === 'application') {
    const read = Application.safeParse(application);
    const refusal = read.success ? applicationRefusal(read.data) : 'it is not understood';
    return { programs: [], ...(refusal === undefined ? {} : { refusal }) };
  }
  if (programs === undefined || programs.length === 0) return undefined;
  return {
    programs: programs.flatMap((each) => {
      const { data } = PackageProgram.safeParse(each);
      if (data === undefined) return [];
      const refusal = programRefusal(data);
      return [{ name: data.name, ...(refusal === undefined ? {} : { refusal }) }];
    }),
  };
}
