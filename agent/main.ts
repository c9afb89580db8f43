/**
 * The agent's entry: argv in, the one exit. What a start needs is loaded only by the start that needs it:
 * scripts call `ts` many times over and wait for it each time.
 */
import { AGENT_VERSION } from './agent-version.ts';

/** The agent could not begin, or stopped by an error of its own. */
const STOPPED = 2;

async function main(): Promise<number> {
  if (process.argv.includes('--version')) {
    process.stdout.write(`${AGENT_VERSION}\n`);
    return 0;
  }
  const { startAgent } = await import('./agent.ts');
  return startAgent();
}

void main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
    process.exit(STOPPED);
  },
);
