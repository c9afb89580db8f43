import type { RunFact } from '#agent/protocol/run-event.ts';
import { bytes, span } from '../../parts/format.ts';
import { runsText } from '../../text/runs.ts';

const text = runsText.facts;

/** A line of a run's history. */
export interface HistoryLine {
  readonly mark: string;
  readonly tone: '' | 'good' | 'bad' | 'quiet';
  readonly text: string;
}

/** What a fact says to people; null for what is only for the engine. */
export function historyLine(fact: RunFact): HistoryLine | null {
  switch (fact.kind) {
    case 'run-started':
      return { mark: '▸', tone: '', text: text.runStarted(fact.environment) };
    case 'step-started':
      return { mark: '▸', tone: '', text: text.started(fact.name, fact.attempt) };
    case 'step-finished':
      return fact.succeeded
        ? { mark: '✓', tone: 'good', text: text.succeeded(fact.name, span(fact.durationMs)) }
        : {
            mark: '✕',
            tone: 'bad',
            text: text.failed(fact.name, exitCode(fact.code), reasonOf(fact.error)),
          };
    case 'step-skipped':
      return { mark: '–', tone: 'quiet', text: text.skipped(fact.name, fact.reason) };
    case 'step-interrupted':
      return { mark: '!', tone: 'bad', text: text.interrupted(fact.name, fact.again) };
    case 'disk-chosen': {
      const { number, model, serial, sizeBytes } = fact.disk;
      const erases = text.erases(fact.name, number, model, serial, bytes(sizeBytes));
      return { mark: '▸', tone: '', text: erases };
    }
    case 'group-entered':
      return { mark: '▾', tone: 'quiet', text: text.group(fact.name) };
    case 'group-left':
      return fact.succeeded ? null : { mark: '✕', tone: 'bad', text: text.groupFailed(fact.name) };
    case 'restart-requested':
      return { mark: '↻', tone: '', text: text.restart(fact.next === 'pe') };
    case 'restart-refused':
      return { mark: '✕', tone: 'bad', text: text.restartRefused(reasonOf(fact.error)) };
    case 'resumed':
      return { mark: '▸', tone: '', text: text.resumed(fact.environment) };
    case 'run-finished':
      return fact.succeeded
        ? { mark: '✓', tone: 'good', text: text.runSucceeded }
        : { mark: '✕', tone: 'bad', text: text.runFailed(reasonOf(fact.error)) };
    case 'condition-answered':
      return null;
  }
}

/** Codes above 65535 are HRESULTs and are read in hexadecimal. */
function exitCode(code: number): string {
  return code > 0xffff ? `0x${code.toString(16).toUpperCase()}` : text.code(code);
}

function reasonOf(error: { readonly message: string; readonly code: string } | undefined): string {
  return error === undefined ? '' : text.reason(error.message, error.code);
}
