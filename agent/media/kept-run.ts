import { readFile } from 'node:fs/promises';
import { AgentError } from '../agent-error.ts';
import { StandAloneRun } from '../protocol/stand-alone.ts';
import { type FoundMedia, findMedia } from './find-media.ts';
import type { SessionMedia } from './session-media.ts';

/** A run from stand-alone media that an installed system goes on with. */
export interface KeptRun extends AsyncDisposable {
  readonly run: StandAloneRun;
  readonly session: SessionMedia;
}

/**
 * Reads what Linux PE has left for the installed system. The media are looked for when a step needs them.
 * @param place folder for mounting them. @throws {AgentError} `agent.settings`
 */
export async function openKeptRun(file: string, place: string): Promise<KeptRun> {
  const run = parseRun(await readFile(file, 'utf8').catch(() => ''), file);
  const { id, launchMode } = run.media;
  const media: FoundMedia = findMedia(run.media, { place });
  return {
    run,
    session: {
      id,
      type: 'FullMedia',
      launchMode,
      // The run has them since it began.
      variables: [],
      contentFolder: media.folder,
      preferredDeployment: undefined,
    },
    [Symbol.asyncDispose]: async () => media[Symbol.asyncDispose](),
  };
}

function parseRun(text: string, file: string): StandAloneRun {
  try {
    return StandAloneRun.parse(JSON.parse(text));
  } catch (error) {
    throw new AgentError(
      'agent.settings',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      'Start the machine from its media again: the run goes on in Linux PE.',
    );
  }
}
