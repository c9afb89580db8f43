import { type StepContext, StepError } from '#agent/sequence/step.ts';
import { administratorArguments, administratorEnd } from '../windows-setup/administrator.ts';

/** WMI may not be up when Windows has just been set up. */
const TIMEOUT_MS = 10 * 60_000;

/**
 * Disables or enables the local administrator of the Windows that runs, whatever it is called.
 * @throws {StepError} `windows.administrator`
 */
export async function setAdministrator(
  wish: 'disable' | 'enable' | 'leave',
  context: StepContext,
): Promise<void> {
  const { platform, signal } = context;
  if (wish === 'leave') return;
  const powershell = await platform.process.powershell(signal);
  const { code, output, timedOut } = await platform.process.run(
    {
      argv: [...powershell, ...administratorArguments(wish === 'disable')],
      environment: context.environment(),
      timeoutMs: TIMEOUT_MS,
    },
    signal,
  );
  if (code === administratorEnd.noAccount && !timedOut)
    return context.log('This Windows has no local administrator');
  if (code === administratorEnd.done && !timedOut)
    return context.log(`The local administrator is ${wish}d: ${output.trim()}`);
  const why = timedOut
    ? 'PowerShell did not end'
    : `PowerShell ended with ${code}: ${lastOf(output)}`;
  throw new StepError('windows.administrator', `The local administrator was not ${wish}d. ${why}`, {
    exitCode: code,
    hint: 'Is WMI in order in this image? Get-CimInstance Win32_UserAccount must list the account.',
  });
}

function lastOf(output: string): string {
  return output
    .trim()
    .split(/[\r\n]+/)
    .slice(-2)
    .join(' ')
    .slice(-300);
}
