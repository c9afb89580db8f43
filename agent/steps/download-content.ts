import { z } from 'zod';
import { plainActionVariables } from '#agent/sequence/action-variables.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import {
  defineStep,
  type ReferenceKind,
  type StepContext,
  StepError,
} from '#agent/sequence/step.ts';
import { BaseVariable, listedName } from './base-variable.ts';
import {
  clientCacheOf,
  type DownloadPlace,
  openClientCache,
  openPath,
  readPath,
} from './download-place.ts';
import { LineText } from './program-settings.ts';
import { trueOrFalse } from './true-or-false.ts';

/** Digits of the numbers in `<Base>01`. */
const DIGITS = 2;

/** What may be downloaded, by the word for it: one of them an entry. */
const kinds = {
  package: 'package',
  driverPackage: 'driver-package',
  osImage: 'os-image',
  osUpgradePackage: 'os-upgrade-package',
  bootImage: 'boot-image',
} as const satisfies Record<string, ReferenceKind>;

const Download = z
  .strictObject({
    package: ContentReference.optional().meta({ title: 'Package' }),
    driverPackage: ContentReference.optional().meta({ title: 'Driver package' }),
    osImage: ContentReference.optional().meta({ title: 'Operating system image' }),
    osUpgradePackage: ContentReference.optional().meta({
      title: 'Operating system upgrade package',
    }),
    bootImage: ContentReference.optional().meta({ title: 'Boot image' }),
  })
  .refine(
    (download) => referencesIn(download).length === 1,
    `needs one of ${Object.keys(kinds).join(', ')}`,
  );
type Download = Readonly<Partial<Record<keyof typeof kinds, ContentReference | undefined>>>;

const Location = z.enum(['task-sequence', 'client-cache', 'custom']);

const params = z
  .strictObject({
    packages: z.array(Download).min(1).max(1000).meta({
      title: 'Packages',
      description: 'From the first to the last; each is a package, driver package or image.',
    }),
    location: Location.default('task-sequence').meta({
      title: 'Place into the following location',
      description:
        'task-sequence: the folder of the run, gone at its end. client-cache: C:\\Windows\\ccmcache or /var/cache/metalwright in the installed system, not in PE; it stays. custom: the path below; it stays.',
    }),
    path: LineText.max(255).optional().meta({
      title: 'Custom path',
      description:
        'Each package is put into a folder of its own there, which has its id as its name: D:\\In, or %OSDTargetSystemDrive%\\In, which is a volume in Linux PE. What is in such a folder is replaced.',
    }),
    baseVariable: BaseVariable.optional().meta({
      title: 'Save path as a variable',
      description: 'Base name: Base01 holds the folder of the first package, Base02 of the next.',
    }),
    continueOnDownloadError: trueOrFalse().default(true).meta({
      title: 'If a package download fails, continue downloading other packages in the list',
    }),
  })
  .superRefine(({ location, path = '' }, context) => {
    if (location === 'custom' && path.trim() === '')
      context.addIssue({ code: 'custom', path: ['path'], message: 'needs a path to put them at' });
  });

/** Download Package Content (reference: steps, section 7). */
export const downloadContent = defineStep({
  type: 'download-content',
  title: 'Download Package Content',
  menu: 'software',
  help: 'Downloads packages and images to this machine, and says where in variables.',
  action: 'now',
  needs: ['process', 'disk', 'query'],
  runsIn: ['winpe', 'full-os', 'linux-pe'],
  params,
  repeatable: true,
  destructive: false,
  referenceParams: Object.fromEntries(
    Object.entries(kinds).map(([word, kind]) => [`packages[].${word}`, kind]),
  ),
  actionVariables: plainActionVariables({
    OSDDownloadDestinationPath: { param: 'path', schema: params.shape.path },
    OSDDownloadDestinationVariable: {
      param: 'baseVariable',
      schema: params.shape.baseVariable,
    },
    OSDDownloadDestinationLocationType: {
      param: 'location',
      words: { TSCache: 'task-sequence', CCMCache: 'client-cache', Custom: 'custom' },
      schema: Location,
    },
    OSDDownloadContinueDownloadOnError: {
      param: 'continueOnDownloadError',
      type: 'boolean',
      schema: params.shape.continueOnDownloadError,
    },
  }),
  references: ({ packages }) =>
    packages.flatMap(referencesIn).flatMap(({ id }) => (id === undefined ? [] : [id])),
  async *run({ packages, baseVariable, continueOnDownloadError, location, path }, context) {
    await using place = await openPlace({ location, path }, context);
    const failed: StepError[] = [];
    for (const [index, { id, name }] of packages.flatMap(referencesIn).entries()) {
      context.signal.throwIfAborted();
      const title = name ?? id ?? '';
      yield { detail: title };
      try {
        const folder = await fetched({ id, title, place }, context);
        context.log(`${title} is in ${folder}`);
        // Another package keeps its number where this one fails.
        if (baseVariable !== undefined)
          context.variables.set(listedName(baseVariable, index + 1, DIGITS), folder);
      } catch (error) {
        if (!(error instanceof StepError) || !continueOnDownloadError) throw error;
        context.log(`${title} could not be downloaded: ${error.code}: ${error.message}`);
        failed.push(error);
      }
    }
    const [first] = failed;
    if (first === undefined) return {};
    throw new StepError(
      'content.some-failed',
      `${failed.length} of ${packages.length} packages could not be downloaded; the first: ${first.code}: ${first.message}`,
      { ...(first.hint === undefined ? {} : { hint: first.hint }), exitCode: first.exitCode },
    );
  },
  async *simulate({ packages, location, path, baseVariable }, context) {
    if (location === 'custom') await readPath(path ?? '', context);
    const folder = location === 'custom' ? (path ?? '').trim() : folderOf(location, context);
    for (const [index, { id, name }] of packages.flatMap(referencesIn).entries()) {
      yield { detail: name ?? id ?? '' };
      const at = `${folder.replace(/[\\/]+$/, '')}\\${id ?? name}`;
      context.log(`Would download ${name ?? id} to ${at}`);
      if (baseVariable !== undefined)
        context.variables.set(listedName(baseVariable, index + 1, DIGITS), at);
    }
    return {};
  },
});

/** Undefined for the folder of the run. @throws {StepError} `content.destination`, `content.no-client-cache`, `disk.*` */
async function openPlace(
  { location, path = '' }: Pick<z.output<typeof params>, 'location' | 'path'>,
  context: StepContext,
): Promise<DownloadPlace | undefined> {
  if (location === 'task-sequence') return undefined;
  return location === 'custom' ? openPath(path, context) : openClientCache(context);
}

/** Fetched and verified: once for the whole run, or to stay at its place. @throws {StepError} `content.*`, `disk.*` */
async function fetched(
  {
    id,
    title,
    place,
  }: {
    readonly id: ContentReference['id'];
    readonly title: string;
    readonly place: DownloadPlace | undefined;
  },
  { content, signal }: StepContext,
): Promise<string> {
  if (id !== undefined) {
    if (place === undefined) return content.folder(id, signal, true);
    const kept = await content.keep(id, place.folder, signal);
    await place.flush(signal);
    return place.told(kept);
  }
  throw new StepError('content.missing', `The package "${title}" was not resolved to an id`, {
    hint: 'Add it to the server under that name, or correct the name.',
  });
}

function referencesIn(download: Download): ContentReference[] {
  return Object.values(download).filter((reference) => reference !== undefined);
}

function folderOf(location: 'task-sequence' | 'client-cache', context: StepContext): string {
  const { variables } = context;
  if (location === 'client-cache') return clientCacheOf(context);
  return `${variables.value('_SMSTSMDataPath') ?? 'C:\\_SMSTaskSequence'}\\Packages`;
}
