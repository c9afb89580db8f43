/**
 * The agent's entry: argv in, the one exit. What a start needs is loaded only by the start that needs it:
 * scripts call `ts` many times over and wait for it each time.
 */
import { readFile } from 'node:fs/promises';
import { AGENT_VERSION } from './agent-version.ts';
import { assertSystem, formatFailure } from './system-support.ts';

/** The agent could not begin, or stopped by an error of its own. */
const STOPPED = 2;

async function main(): Promise<number> {
  if (process.argv.includes('--version')) {
    await printTo(process.stdout)(`${AGENT_VERSION}\n`);
    return 0;
  }
  const [, , word, ...words] = process.argv;
  if (word === 'ts') {
    const { runTsCommand } = await import('./ts-environment/command.ts');
    return runTsCommand(words, {
      address: process.env['METALWRIGHT_TS'],
      stdin: process.stdin,
      print: printTo(process.stdout),
      printError: printTo(process.stderr),
    });
  }
  if (word === 'windows-call') {
    const { runNetworkCall } = await import('./platform/windows/network-call.ts');
    return runNetworkCall(process.stdin, printTo(process.stdout));
  }
  if (word === 'windows-run-as') {
    const { runAsCall } = await import('./platform/windows/run-as-call.ts');
    return runAsCall(process.stdin);
  }
  assertSystem(process.platform, process.arch);
  if (word === 'capture') {
    const { readByHand, usage } = await import('./by-hand/options.ts');
    if (words.includes('--help')) {
      await printTo(process.stdout)(usage);
      return 0;
    }
    const readText = async (path: string) => readFile(path, 'utf8').catch(() => undefined);
    const byHand = await readByHand(words, readText);
    const { startAgent } = await import('./agent.ts');
    return startAgent([], byHand);
  }
  if (word === 'stage') {
    const { runStageCommand, usage } = await import('./stage/command.ts');
    if (words.includes('--help')) {
      await printTo(process.stdout)(usage);
      return 0;
    }
    return runStageCommand(words, printTo(process.stdout), new AbortController().signal);
  }
  const { startAgent } = await import('./agent.ts');
  return startAgent(process.argv.slice(2));
}

/** Waits until the text is out: `exit` would cut it off in a pipe of Windows. */
function printTo(stream: NodeJS.WriteStream): (text: string) => Promise<void> {
  stream.on('error', () => {}); // the reader went away: `metalwright-ts list | head -n 1`
  return async (text) => new Promise((resolve) => stream.write(text, () => resolve()));
}

void main().then(
  (code) => process.exit(code),
  async (error: unknown) => {
    await printTo(process.stderr)(formatFailure(error));
    // In Windows PE the end of the agent restarts the machine: what is wrong would be seen by nobody.
    if (process.platform === 'win32' && process.stdin.isTTY)
      await new Promise((resolve) => process.stdin.once('data', resolve));
    process.exit(STOPPED);
  },
);
