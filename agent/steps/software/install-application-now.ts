/**
 * One application, as the client of Configuration Manager does it: the first deployment type whose requirements are met
 * is taken; where its detection finds it, nothing is done; its dependencies come first, what it supersedes is taken
 * away, it is installed, and detected again.
 */
import type { PackageId } from '#agent/protocol/identity.ts';
import {
  type Application,
  applicationRefusal,
  type DeploymentType,
} from '#agent/sequence/application.ts';
import type { StepProgress } from '#agent/sequence/platform.ts';
import { type StepContext, StepError } from '#agent/sequence/step.ts';
import { detect } from './detect.ts';
import { runInstaller } from './installer.ts';
import { findApplication, type KnownApplication } from './known-software.ts';
import { unmetRequirement } from './requirements.ts';

/** The detection method does not find it after the installation. */
const NOT_DETECTED_CODE = 0x87d00324;
/** ERROR_NOT_SUPPORTED, as an HRESULT. */
const NOT_ALLOWED_CODE = 0x80070032;
const MAX_DEPTH = 20;
/** ERROR_INSTALL_ALREADY_RUNNING and the like end by themselves. */
const RETRY_WAITS_MS = [30_000, 60_000, 120_000];

/** What became of an application. */
export type ApplicationEnd =
  | { readonly kind: 'installed'; readonly restart: 'none' | 'later' | 'now' }
  | { readonly kind: 'already' }
  /** No deployment type is for this machine; why not, of each. */
  | { readonly kind: 'not-applicable'; readonly reason: string };

/** Where it is: what is being installed already, to tell circles. */
interface Around {
  readonly path: readonly PackageId[];
  /** Asked for later by an installer that has run. */
  readonly pending: { restart: boolean };
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Installs one, if it is to be.
 * @throws {StepError} `application.*`, `step.exit-code`, `step.timeout`, `content.*`
 */
export async function* installApplicationNow(
  known: KnownApplication,
  context: StepContext,
  around: Around,
): AsyncGenerator<StepProgress, ApplicationEnd> {
  const { id, application } = known;
  const { name } = application;
  const refusal = applicationRefusal(application);
  if (refusal !== undefined)
    throw new StepError(
      'application.not-allowed',
      `The application ${name} (${id}) cannot be installed by a task sequence: ${refusal}`,
      { exitCode: NOT_ALLOWED_CODE, hint: 'Change the application, or take it out of the step.' },
    );
  if (around.path.includes(id) || around.path.length >= MAX_DEPTH)
    throw new StepError(
      'application.circle',
      `Applications depend on each other: ${name} (${id})`,
      {
        hint: 'Take one of the dependencies out.',
      },
    );
  yield { detail: name };
  const { chosen, reason } = await choose(application, context);
  if (chosen === undefined) {
    context.log(`${name} is not for this machine: ${reason}`);
    return { kind: 'not-applicable', reason };
  }
  const before = await detect(chosen.detection, context);
  if (before.verdict) {
    context.log(`${name} is there already: ${before.detail}`);
    return { kind: 'already' };
  }
  context.log(`${name} is not there: ${before.detail}`);
  const inside = { ...around, path: [...around.path, id] };
  for (const { anyOf } of chosen.dependencies) {
    const restart = yield* installDependency(anyOf, context, inside);
    if (restart === 'now') return { kind: 'installed', restart };
  }
  yield* removeSuperseded(application, context);
  const restart = yield* install(chosen, name, { context, around });
  const after = await detect(chosen.detection, context);
  if (after.verdict) context.log(`${name} is there: ${after.detail}`);
  // What is only finished by the restart cannot be found before it.
  else if (restart === 'none')
    throw new StepError(
      'application.not-detected',
      `${name} was installed, and its detection method does not find it: ${after.detail}`,
      {
        exitCode: NOT_DETECTED_CODE,
        hint: 'Look whether the installer did what it said, and whether the detection method looks in the right place.',
      },
    );
  else context.log(`${name} is not found before the restart that it asked for: ${after.detail}`);
  return { kind: 'installed', restart };
}

async function choose(
  { deploymentTypes }: Application,
  context: StepContext,
): Promise<{ readonly chosen: DeploymentType | undefined; readonly reason: string }> {
  const reasons: string[] = [];
  for (const each of deploymentTypes) {
    const isForUsers = each.installFor === 'user' || each.runWhen === 'user-logged-on';
    const unmet = isForUsers
      ? 'it is for users'
      : await unmetRequirement(each.requirements, context);
    if (unmet === undefined) return { chosen: each, reason: '' };
    reasons.push(`${each.name}: ${unmet}`);
  }
  return { chosen: undefined, reason: reasons.join('; ') };
}

/** One of them is there, or the first that is to be installed and can be becomes so. */
async function* installDependency(
  anyOf: DeploymentType['dependencies'][number]['anyOf'],
  context: StepContext,
  around: Around,
): AsyncGenerator<StepProgress, 'none' | 'later' | 'now'> {
  const named = anyOf.map((each) => ({
    ...each,
    known: findApplication(each.application, context.content),
  }));
  for (const { known } of named) {
    const { chosen } = await choose(known.application, context);
    if (chosen === undefined) continue;
    if ((await detect(chosen.detection, context)).verdict) return 'none';
  }
  const failures: string[] = [];
  for (const { known, install: isToBe } of named) {
    if (!isToBe) continue;
    const end = yield* installApplicationNow(known, context, around);
    if (end.kind === 'installed') return end.restart;
    if (end.kind === 'already') return 'none';
    failures.push(`${known.application.name}: ${end.reason}`);
  }
  throw new StepError(
    'application.dependency',
    `None of what it depends on is there or can be installed: ${failures.join('; ') || named.map(({ known }) => known.application.name).join(', ')}`,
    { hint: 'Install it beforehand, or let the dependency be installed by itself.' },
  );
}

/** Older applications that are to be uninstalled, where they are found. */
async function* removeSuperseded(
  { supersedes }: Application,
  context: StepContext,
): AsyncGenerator<StepProgress, void> {
  for (const { application: reference, uninstall } of supersedes) {
    if (!uninstall) continue;
    const { application } = findApplication(reference, context.content);
    for (const each of application.deploymentTypes) {
      if (each.uninstall === undefined || !(await detect(each.detection, context)).verdict)
        continue;
      yield { detail: `removing ${application.name}` };
      const folder = await folderOf(each, context);
      const { successCodes, rebootCodes, maxRunMinutes, workingDirectory } = each;
      await runInstaller(
        {
          name: `${application.name}: uninstall`,
          commandLine: each.uninstall,
          workingDirectory,
          folder,
          successCodes,
          rebootCodes,
          maxRunMinutes,
        },
        context,
      );
    }
  }
}

async function* install(
  type: DeploymentType,
  name: string,
  { context, around }: { readonly context: StepContext; readonly around: Around },
): AsyncGenerator<StepProgress, 'none' | 'later' | 'now'> {
  yield { detail: `fetching ${name}` };
  const folder = await folderOf(type, context);
  yield { detail: `installing ${name}` };
  const { install: commandLine, successCodes, rebootCodes, maxRunMinutes, workingDirectory } = type;
  const installer = {
    commandLine,
    workingDirectory,
    folder,
    successCodes,
    rebootCodes,
    maxRunMinutes,
    name: `${name}: install`,
  };
  for (const waitMs of [...RETRY_WAITS_MS, 0]) {
    try {
      const { restart } = await runInstaller(installer, context);
      if (restart !== 'none') around.pending.restart = true;
      return restart;
    } catch (error) {
      const isBusy =
        error instanceof StepError &&
        error.code === 'step.exit-code' &&
        type.retryCodes.includes(error.exitCode);
      if (!isBusy || waitMs === 0) throw error;
      context.log(`It is to be tried again in ${waitMs / 1000} seconds`);
      await around.wait(waitMs, context.signal);
    }
  }
  return 'none';
}

async function folderOf(
  { content, name }: DeploymentType,
  context: StepContext,
): Promise<string | undefined> {
  if (content === undefined) return undefined;
  if (content.id !== undefined) return await context.content.folder(content.id, context.signal);
  throw new StepError(
    'content.missing',
    `The content ${JSON.stringify(content.name)} of ${name} was not resolved to a package`,
    { hint: 'Add the package under that name.', exitCode: 0x80040104 },
  );
}
