import { z } from 'zod';
import { ContentManifest } from '#agent/protocol/content.ts';
import { MachineArchitecture, PackageId } from '#agent/protocol/identity.ts';
import { problemOf } from '#agent/sequence/step-params.ts';
import { SimulatedDevice } from '#agent/simulated-machine/device.ts';
import { readDocumentText } from '../document-text.ts';
import { CliError } from './cli-error.ts';
import { isDocument, listDocuments, readTextFile } from './sequence-file.ts';

const GB = 1e9;

/** Reads the description of a device. @throws {CliError} `simulate.device`, `cli.file` */
export async function readDeviceFile(file: string): Promise<SimulatedDevice> {
  return readWith(SimulatedDevice, file, {
    code: 'simulate.device',
    hint: 'docs/simulate.md lists what a device file may say',
  });
}

const PackageFacts = z.strictObject({
  name: z.string().min(1).max(128),
  id: PackageId.optional(),
  version: z.int().positive().default(1),
  sizeGb: z.number().nonnegative().max(1_000_000).default(0),
  images: z
    .array(
      z.strictObject({
        index: z.int().positive().default(1),
        name: z.string().max(256).optional(),
        kind: z.enum(['windows', 'linux', 'data']),
        architecture: MachineArchitecture,
        /** Of its files when applied. */
        totalGb: z.number().nonnegative().max(1_000_000).default(0),
      }),
    )
    .max(1000)
    .optional(),
});
const PackageList = z.strictObject({ packages: z.array(PackageFacts).max(10_000) });

/** Reads lists of packages from a file, or from all of a folder. @throws {CliError} `simulate.packages`, `cli.file` */
export async function readPackages(path: string): Promise<ContentManifest[]> {
  const files = isDocument(path) ? [path] : await listDocuments(path);
  const lists = await Promise.all(
    files.map(async (file) =>
      readWith(PackageList, file, {
        code: 'simulate.packages',
        hint: 'packages: [{ name: Debian 12, sizeGb: 1.2, images: [{ kind: linux, architecture: x64 }] }]',
      }),
    ),
  );
  return lists
    .flatMap(({ packages }) => packages)
    .map(({ name, id, version, sizeGb, images }, index) =>
      ContentManifest.parse({
        packageId: id ?? `PKG${String(index + 1).padStart(5, '0')}`,
        version,
        name,
        kind: images === undefined ? 'package' : 'os-image',
        objects: [
          {
            path: images === undefined ? 'package' : 'image.wim',
            sizeBytes: Math.round(sizeGb * GB),
            sha256: '0'.repeat(64),
            chunks: [],
          },
        ],
        images: (images ?? []).map(({ totalGb, ...image }) => ({
          ...image,
          name: image.name ?? name,
          totalBytes: Math.round(totalGb * GB),
        })),
      }),
    );
}

async function readWith<Schema extends z.ZodType>(
  schema: Schema,
  file: string,
  { code, hint }: { readonly code: string; readonly hint: string },
): Promise<z.output<Schema>> {
  const text = await readTextFile(file);
  const fail = (message: string, cause: unknown) =>
    new CliError(code, message, { where: file, hint, cause });
  let read: ReturnType<typeof readDocumentText>;
  try {
    read = readDocumentText(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw fail(`This is no YAML or JSON: ${message}`, error);
  }
  const parsed = schema.safeParse(read.value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 20).map((issue) => {
    const { path, message } = problemOf(issue, '');
    return `${path || 'document'}${read.lineOf(path)}: ${message}`;
  });
  throw fail(problems.join('\n'), parsed.error);
}
