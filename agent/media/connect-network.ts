import { runCommand } from '../platform/linux/process.ts';

/** Of Linux PE; comes back when there is an address. */
const SCRIPT = '/usr/lib/metalwright/network-init.sh';

/** Brings up the network of a machine that was started without it; `show` gets what is tried. */
export async function connectNetwork(
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let rest = '';
  const onStdout = (text: string): void => {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const said = line.replace(/^metalwright: */, '').trim();
      if (said !== '' && !/^-+$/.test(said)) show(said);
    }
  };
  await runCommand({ argv: [SCRIPT], onStdout }, signal);
}
