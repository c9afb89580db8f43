import type { PackageId } from '#agent/protocol/identity.ts';
import { Application } from '#agent/sequence/application.ts';
import { PackageProgram } from '#agent/sequence/package-program.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import { type ContentAccess, StepError } from '#agent/sequence/step.ts';

/** HRESULT of ERROR_NOT_FOUND. */
const NOT_FOUND_CODE = 0x80070490;

/** An application of the grant. */
export interface KnownApplication {
  readonly id: PackageId;
  readonly application: Application;
}

/**
 * An application by its id, or by its name as a list in variables has it: case counts.
 * @throws {StepError} `application.unknown`, `application.damaged`, `content.missing`
 */
export function findApplication(
  { id, name }: ContentReference,
  content: ContentAccess,
): KnownApplication {
  if (id !== undefined) return readApplication(id, content);
  for (const each of content.software?.() ?? []) {
    const manifest = content.manifest(each);
    if (manifest.kind === 'application' && manifest.name === name)
      return readApplication(each, content);
  }
  throw new StepError('application.unknown', `There is no application ${JSON.stringify(name)}`, {
    hint: 'Write its name as the server has it, upper and lower case too: metalwright application list.',
    exitCode: NOT_FOUND_CODE,
  });
}

function readApplication(id: PackageId, content: ContentAccess): KnownApplication {
  const { application, name } = content.manifest(id);
  const read = Application.safeParse(application);
  if (read.success) return { id, application: read.data };
  throw new StepError(
    'application.damaged',
    `The application ${name} (${id}) is not understood: ${read.error.issues[0]?.message ?? ''}`,
    { hint: 'Add it again: metalwright application add <file>.', exitCode: 0x8007000d },
  );
}

/**
 * A program of a package by its name: case counts in lists, and not here, as nobody may have two.
 * @throws {StepError} `program.unknown`, `content.missing`
 */
export function findProgram(
  id: PackageId,
  name: string,
  content: Pick<ContentAccess, 'manifest'>,
): PackageProgram {
  const { programs = [], name: packageName } = content.manifest(id);
  const read = programs.map((each) => PackageProgram.safeParse(each));
  const key = name.trim().toLowerCase();
  const found = read.find(({ data }) => data?.name.toLowerCase() === key)?.data;
  if (found !== undefined) return found;
  const names = read.flatMap(({ data }) => data?.name ?? []);
  throw new StepError(
    'program.unknown',
    `Package ${packageName} (${id}) has no program ${JSON.stringify(name)}; it has ${names.map((each) => JSON.stringify(each)).join(', ') || 'none'}`,
    {
      hint: 'Correct the name, or add it: metalwright package program add <package> <file>.',
      exitCode: NOT_FOUND_CODE,
    },
  );
}
