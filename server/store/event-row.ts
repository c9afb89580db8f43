import type { RunEvent } from '#agent/protocol/run-event.ts';
import type { Tables } from './tables.ts';

/** An event as the store keeps it. */
export function eventRow({ runId, seq, atMs, fact }: RunEvent, nowMs: number): Tables['events'] {
  return {
    run_id: runId,
    seq,
    at_ms: atMs,
    received_ms: nowMs,
    fact_json: JSON.stringify(fact),
  };
}
