import { spawn } from 'node:child_process';
import { childEnvironment } from './child-environment.ts';

/**
 * Opens cmd.exe in a console window of its own, and comes back when it is closed. `start` makes the window:
 * a child without it shares that of the agent, and both would read the keys.
 */
export async function openCommandPrompt(
  systemRoot: string,
  own: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const shell = `${systemRoot}\\System32\\cmd.exe`;
  const { environment } = childEnvironment(own, {});
  await new Promise<void>((resolve, reject) => {
    const child = spawn(shell, ['/d', '/c', `start "Metalwright" /wait "${shell}"`], {
      env: environment,
      stdio: 'ignore',
      windowsVerbatimArguments: true,
    });
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
