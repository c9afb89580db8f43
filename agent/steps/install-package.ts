import { z } from 'zod';
import { PackageId } from '#agent/protocol/identity.ts';
import { type PackageProgram, programRefusal } from '#agent/sequence/package-program.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import { ContentReference } from '#agent/sequence/references.ts';
import { defineStep, type StepContext, StepError } from '#agent/sequence/step.ts';
import { BaseVariable, listedValues } from './base-variable.ts';
import { packageReferences } from './program.ts';
import { LineText } from './program-settings.ts';
import { ask } from './software/detect.ts';
import { runInstaller } from './software/installer.ts';
import { findProgram } from './software/known-software.ts';
import { trueOrFalse } from './true-or-false.ts';

/** Digits of the numbers in `<Base>001`. */
const DIGITS = 3;
/** HRESULTs of ERROR_NOT_SUPPORTED and ERROR_INVALID_DATA. */
const NOT_SUPPORTED_CODE = 0x80070032;
const INVALID_CODE = 0x8007000d;
const MAX_FIRST = 10;

const params = z
  .strictObject({
    package: ContentReference.optional().meta({
      title: 'Package',
      description: 'One package, by the program below.',
    }),
    program: LineText.max(255).optional().meta({
      title: 'Program',
      description: 'The program of the package that installs it.',
    }),
    baseVariable: BaseVariable.optional().meta({
      title: 'Base variable name',
      description:
        'Instead of a package: a list in variables, Base001, Base002, with values PackageID:Program.',
    }),
    continueOnInstallError: trueOrFalse().default(false).meta({
      title: 'If installation of a package fails, continue installing other packages in the list',
      description: 'Only for a list in variables.',
    }),
  })
  .superRefine(({ package: content, program = '', baseVariable }, context) => {
    const issue = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (content !== undefined && baseVariable !== undefined)
      issue('baseVariable', 'is instead of a package: give one of the two');
    if (content === undefined && baseVariable === undefined)
      issue('package', 'needs a package, or the base name of a list in variables');
    if (content !== undefined && program === '')
      issue('program', 'needs the name of the program that installs the package');
    if (content === undefined && program !== '')
      issue('program', 'is that of a package, and there is none');
  });
type Params = z.output<typeof params>;

/** A program that is to be run. */
interface Wanted {
  readonly packageId: PackageId;
  readonly program: string;
}

/**
 * Install Package (reference: steps, section 7): runs a program, whether it was installed before or not (M20). Nobody
 * knows what an interrupted installer had done.
 */
export const installPackage = defineStep({
  type: 'install-package',
  title: 'Install Package',
  menu: 'software',
  help: 'Installs a package by one of its programs, or each package of a list in variables.',
  action: 'now',
  needs: ['process', 'query'],
  runsIn: ['full-os'],
  params,
  repeatable: false,
  destructive: false,
  referenceParams: { package: 'package' },
  references: packageReferences,
  async *run(params, context) {
    const { baseVariable, continueOnInstallError } = params;
    const listed = baseVariable === undefined ? undefined : listedOf(baseVariable, context);
    if (listed?.length === 0) {
      context.log(`${baseVariable}001 has no value: nothing to install`);
      return {};
    }
    // All of a list is looked at before its first program runs.
    const wanted = listed ?? [single(params)];
    const done = new Set<string>();
    const failed: string[] = [];
    let restart = false;
    for (const each of wanted) {
      try {
        const end = yield* installOne(each, { context, done, depth: 0 });
        restart ||= end !== 'none';
        if (end === 'now' && each !== wanted.at(-1))
          throw new StepError(
            'program.restart',
            `${each.program} of ${each.packageId} has begun a restart, and the list goes on behind it`,
            {
              hint: 'Let it ask for a restart with 3010 instead, or put it last.',
              exitCode: NOT_SUPPORTED_CODE,
            },
          );
      } catch (error) {
        const goesOn = continueOnInstallError && listed !== undefined;
        if (!goesOn || !(error instanceof StepError) || error.code === 'program.restart')
          throw error;
        failed.push(`${each.packageId}:${each.program}`);
        context.log(`It failed, and the others go on: ${error.code}: ${error.message}`);
      }
    }
    if (failed.length > 0) context.log(`${failed.length} failed: ${failed.join(', ')}`);
    return restart ? { code: 3010, restart: 'disk' } : {};
  },
  async *simulate(params, context) {
    const { package: content, program, baseVariable } = params;
    const installed =
      baseVariable === undefined
        ? [`${content?.name ?? content?.id}: ${program}`]
        : listedValues(baseVariable, DIGITS, context.variables);
    for (const each of installed) {
      yield { detail: each };
      context.log(`Would install ${each}`);
    }
    if (installed.length === 0) context.log(`${baseVariable}001 has no value: nothing to install`);
    return {};
  },
});

function single({ package: content, program = '' }: Params): Wanted {
  if (content?.id !== undefined) return { packageId: content.id, program };
  throw new StepError(
    'content.missing',
    `The package "${content?.name}" was not resolved to an id`,
    { hint: 'Add the package to the server under that name, or correct the name.' },
  );
}

/** @throws {StepError} `program.entry`: not `PackageID:Program`, with the id in upper case */
function listedOf(baseVariable: string, { variables }: StepContext): Wanted[] {
  return listedValues(baseVariable, DIGITS, variables).map((value) => {
    const [, id, program = ''] = /^([^:]*):(.+)$/.exec(value) ?? [];
    const packageId = PackageId.safeParse(id).data;
    if (packageId !== undefined && program.trim() !== '') return { packageId, program };
    throw new StepError(
      'program.entry',
      `${JSON.stringify(value)} in the list ${baseVariable} is no PackageID:Program`,
      {
        hint: 'The id of the package in upper case, a colon, the name of its program.',
        exitCode: INVALID_CODE,
      },
    );
  });
}

/**
 * Runs one program, and what is to run before it.
 * @throws {StepError} `program.*`, `content.*`, `step.exit-code`, `step.timeout`
 */
async function* installOne(
  { packageId, program: name }: Wanted,
  at: { readonly context: StepContext; readonly done: Set<string>; readonly depth: number },
): AsyncGenerator<StepProgress, 'none' | 'later' | 'now'> {
  const { context, done, depth } = at;
  const program = findProgram(packageId, name, context.content);
  const shown = `${context.content.manifest(packageId).name}: ${program.name}`;
  const reason = programRefusal(program) ?? (await unfit(program, context));
  if (reason !== undefined)
    throw new StepError('program.not-allowed', `${shown} cannot be run here: ${reason}`, {
      hint: 'Change the program, or name another one.',
      exitCode: NOT_SUPPORTED_CODE,
    });
  let before: 'none' | 'later' | 'now' = 'none';
  const { runFirst } = program;
  if (runFirst !== undefined) {
    if (depth >= MAX_FIRST)
      throw new StepError('program.circle', `Programs run each other first: ${shown}`, {
        hint: 'Take "run another program first" out of one of them.',
      });
    const first = { packageId: runFirst.package?.id ?? packageId, program: runFirst.program };
    if (runFirst.always || !done.has(keyOf(first))) {
      context.log(`${shown} has another program run first: ${runFirst.program}`);
      before = yield* installOne(first, { context, done, depth: depth + 1 });
    }
  }
  if (before === 'now')
    throw new StepError(
      'program.restart',
      `${runFirst?.program} has begun a restart, before ${shown} has run`,
      { hint: 'Let it ask for a restart with 3010 instead.', exitCode: NOT_SUPPORTED_CODE },
    );
  yield { detail: `fetching ${shown}` };
  const folder = await context.content.folder(packageId, context.signal);
  yield { detail: shown };
  const { commandLine, workingDirectory, successCodes, rebootCodes, maxRunMinutes } = program;
  const { restart } = await runInstaller(
    {
      name: shown,
      commandLine,
      workingDirectory,
      folder,
      successCodes,
      rebootCodes,
      maxRunMinutes,
    },
    context,
  );
  done.add(keyOf({ packageId, program: program.name }));
  return restart === 'none' ? before : restart;
}

/** Why it is not for the system that runs; undefined where it is. */
async function unfit(
  { platforms }: PackageProgram,
  context: StepContext,
): Promise<string | undefined> {
  if (platforms.length === 0) return undefined;
  const { verdict, detail } = await ask({ kind: 'os-version', platforms }, context);
  return verdict ? undefined : `it is for other systems: ${detail}`;
}

function keyOf({ packageId, program }: Wanted): string {
  return `${packageId}:${program.toLowerCase()}`;
}
