import { MediaError } from '#media/media-error.ts';
import { AgentError } from './agent-error.ts';
import { StepError } from './sequence/step-error.ts';

/** Refuses a system whose machine the agent cannot drive. @throws {AgentError} `agent.platform` */
export function assertSystem(system: NodeJS.Platform, architecture: string): void {
  if (system === 'linux') return;
  if (system === 'win32' && (architecture === 'x64' || architecture === 'arm64')) return;
  throw new AgentError(
    'agent.platform',
    `this agent runs no task sequences on ${system} (${architecture})`,
    'Boot the machine into Windows PE or Linux PE; `--version` and `ts` work here',
  );
}

/** An error as a person at a console reads it: the stack only of what has no name. */
export function formatFailure(error: unknown): string {
  if (!(error instanceof AgentError || error instanceof StepError || error instanceof MediaError))
    return `${String(error instanceof Error ? error.stack : error)}\n`;
  const hint = error.hint === undefined ? '' : `${error.hint}\n`;
  return `${error.code}: ${error.message}\n${hint}`;
}
