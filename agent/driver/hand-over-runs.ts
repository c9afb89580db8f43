import { MediaRun } from '../protocol/media-run.ts';
import { TransportError } from '../transport/transport-error.ts';
import type { SessionParts } from './session-parts.ts';

/** For one of them: a run of a machine that waits for its work is not the time to insist. */
const HAND_OVER_MS = 60_000;

/** Tells the server of runs from stand-alone media that ended on this machine; what it does not take stays here. */
export async function handOverRuns(
  {
    machine,
    transport,
    log,
  }: Pick<SessionParts, 'log'> & {
    readonly machine: Pick<SessionParts['machine'], 'journals'>;
    readonly transport: Pick<SessionParts['transport'], 'handOverRun'>;
  },
  signal: AbortSignal,
): Promise<void> {
  const { handOverRun } = transport;
  const { keptRuns } = machine.journals;
  if (handOverRun === undefined || keptRuns === undefined) return;
  for (const { name, text } of await keptRuns.list(signal)) {
    const trying = AbortSignal.any([signal, AbortSignal.timeout(HAND_OVER_MS)]);
    try {
      const { taken } = await handOverRun(MediaRun.parse(JSON.parse(text)), trying);
      log.write(
        'info',
        `The run ${name} from stand-alone media is handed over${taken ? '' : ' already'}`,
      );
      await keptRuns.drop(name, signal);
    } catch (error) {
      signal.throwIfAborted();
      const why =
        error instanceof TransportError ? `${error.code}: ${error.message}` : String(error);
      log.write('warn', `The run ${name} from stand-alone media is kept on: ${why}`);
    }
  }
}
