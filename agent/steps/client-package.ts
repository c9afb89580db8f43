import type { StepProgress } from '#agent/sequence/platform.ts';
import type { ContentReference } from '#agent/sequence/references.ts';
import { type StepContext, StepError, type StepResult } from '#agent/sequence/step.ts';
import { clientInstaller, installerNames } from '../windows-setup/client-installer.ts';
import { parseCommandLine } from './command-line.ts';

const TIMEOUT_MS = 60 * 60_000;

/** What Setup Windows says of a client. */
interface ClientSettings {
  readonly clientPackage?: ContentReference | undefined;
  readonly preProductionPackage?: ContentReference | undefined;
  readonly installProperties: string;
}

/**
 * Installs the client of a management system from its package, in the Windows that runs. The pre-production
 * package is taken where it is there.
 * @throws {StepError} `client.installer`, `client.failed`, `content.*`
 */
export async function* installClient(
  { clientPackage, preProductionPackage, installProperties }: ClientSettings,
  context: StepContext,
): AsyncGenerator<StepProgress, StepResult> {
  const { platform, content, signal } = context;
  const id = preProductionPackage?.id ?? clientPackage?.id;
  if (id === undefined) return {};
  const { name, objects } = content.manifest(id);
  const properties = installProperties.trim() === '' ? [] : parseCommandLine(installProperties);
  const installer = clientInstaller(
    objects.map(({ path }) => path),
    properties,
  );
  if (installer === undefined)
    throw new StepError(
      'client.installer',
      `The client package ${name} (${id}) has none of ${installerNames.join(', ')} in its root`,
      { hint: 'Put an install.cmd there that installs the client.', exitCode: 0x80070002 },
    );
  yield { detail: `Fetching ${name}` };
  const folder = await content.folder(id, signal);
  yield { detail: `Installing ${name}` };
  const program = `${folder.replace(/[\\/]+$/, '')}\\${installer.file}`;
  context.log(
    `Installing the client: ${installer.file} ${[...installer.options, ...properties].join(' ')}`,
  );
  const { code, output, timedOut } = await platform.process.run(
    {
      argv: [program, ...installer.options, ...properties],
      cwd: folder,
      environment: context.environment(),
      timeoutMs: TIMEOUT_MS,
    },
    signal,
  );
  if (timedOut || !installer.successCodes.includes(code))
    throw new StepError(
      'client.failed',
      timedOut
        ? `${installer.file} did not end in an hour`
        : `${installer.file} ended with exit code ${code}: ${output.trim().slice(-300)}`,
      { exitCode: code, hint: 'ccmsetup tells more in Windows\\ccmsetup\\Logs\\ccmsetup.log.' },
    );
  return installer.restartCodes.includes(code) ? { restart: 'disk' } : {};
}
