import type { z } from 'zod';
import type { MachineArchitecture, PackageId } from '#agent/protocol/identity.ts';
import { type ContentAccess, StepError } from '#agent/sequence/step.ts';
import { parseUnattend } from '../unattend/parse-unattend.ts';
import type { Unattend } from '../unattend/unattend.ts';
import { answerFileArchitecture, checkedForAnswerFile } from './answer-file.ts';
import type { AnswerFile } from './apply-image-later.ts';

/** An answer file in a package, as it is there. */
interface SuppliedAnswerFile {
  readonly packageId: PackageId;
  readonly path: string;
}

/** Where the file of these settings is: names of files in Windows have no case. @throws {StepError} `content.missing` */
export function findAnswerFile(
  { package: { id, name }, file }: z.output<typeof AnswerFile>,
  content: ContentAccess,
): SuppliedAnswerFile {
  if (id === undefined)
    throw new StepError('content.missing', `The package "${name}" was not resolved to an id`, {
      hint: 'Add the package to the server under that name, or correct the name.',
    });
  const { objects, name: title } = content.manifest(id);
  const wanted = file
    .trim()
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '')
    .toLowerCase();
  const found = objects.find(({ path }) => path.toLowerCase() === wanted);
  if (found !== undefined) return { packageId: id, path: found.path };
  throw new StepError('content.missing', `The package ${title} (${id}) has no file ${file}`, {
    hint: 'Write its path in the package, like answers/unattend.xml.',
    exitCode: 0x80070002,
  });
}

/** Reads and parses it. @throws {StepError} `content.*`, `unattend.*` */
export async function readAnswerFile(
  { packageId, path }: SuppliedAnswerFile,
  content: ContentAccess,
  signal: AbortSignal,
): Promise<Unattend> {
  const file = await content.open(packageId, path);
  const bytes = await file.read(0, file.sizeBytes, signal);
  return checkedForAnswerFile(() => parseUnattend(bytes));
}

/**
 * Components of other architectures than the image's, of which Windows takes nothing: in the words of people.
 * @throws {StepError} `windows.answer-architecture` where there are no others
 */
export function foreignComponents(
  { settings }: Unattend,
  architecture: MachineArchitecture,
): string | undefined {
  const own = answerFileArchitecture[architecture];
  const all = settings.flatMap(({ components }) => components);
  const foreign = all.filter((each) => each.processorArchitecture.toLowerCase() !== own);
  if (foreign.length === 0) return undefined;
  const seen = [...new Set(foreign.map((each) => each.processorArchitecture))].join(', ');
  const told = `${foreign.length} of ${all.length} components of the answer file are for ${seen}, the image is ${own}`;
  if (foreign.length < all.length) return `${told}: Windows passes over them`;
  throw new StepError('windows.answer-architecture', told, {
    hint: `Write processorArchitecture="${own}" in the answer file, or apply an image that it is for.`,
    exitCode: 0x800700c1,
  });
}
