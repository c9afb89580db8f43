import type { RunEvent } from '#agent/protocol/run-event.ts';
import { describeDisk } from '#agent/steps/describe-disk.ts';
import type { RunDetail, RunView } from '../http/api.ts';
import { formatBytes, formatSpan, formatTime } from './units.ts';

/** Where a run is: `step 3 of 7, Apply Operating System Image, 48%, 41.0 MB/s, 12 s left`. */
export function describeProgress(run: RunView): string {
  const { progress, lostInWindowsSetup: lost } = run;
  if (lost !== null) return `lost in Windows Setup since ${formatTime(lost.sinceMs)}`;
  if (run.endedMs !== null || progress === null) return '';
  const parts = [`step ${progress.index} of ${progress.total}`, progress.title];
  if (progress.detail !== undefined) parts.push(progress.detail);
  if (progress.doneBytes !== undefined && progress.totalBytes) {
    parts.push(`${Math.floor((100 * progress.doneBytes) / progress.totalBytes)}%`);
  }
  if (progress.bytesPerSecond !== undefined)
    parts.push(`${formatBytes(progress.bytesPerSecond)}/s`);
  if (progress.remainingMs !== undefined) parts.push(`${formatSpan(progress.remainingMs)} left`);
  return parts.join(', ');
}

/** A run for people: who, what, how it stands, then each fact in order. */
export function formatRunDetail(run: RunDetail): string {
  const end = run.endedMs === null ? '' : `, ended ${formatTime(run.endedMs)}`;
  const head = [
    `run      ${run.id}`,
    `device   ${run.deviceName}`,
    `sequence ${run.sequenceName} (deployment ${run.deploymentId})`,
    `state    ${run.state}, started ${formatTime(run.startedMs)}${end}`,
  ];
  const now = describeProgress(run);
  if (now !== '') head.push(`now      ${now}`);
  if (run.lostInWindowsSetup !== null) head.push(`to do    ${run.lostInWindowsSetup.hint}`);
  if (run.error !== null) {
    head.push(`error    ${run.error.message} [${run.error.code}]`);
    if (run.likelyCause === null && run.error.hint !== undefined)
      head.push(`to do    ${run.error.hint}`);
  }
  if (run.likelyCause !== null) {
    const { what, cause, certain, todo } = run.likelyCause;
    head.push(
      `why      ${what}`,
      `${certain ? 'cause   ' : 'likely  '} ${cause}`,
      `to do    ${todo}`,
    );
  }
  const facts = run.events.map(
    (event) =>
      `${formatTime(event.atMs)}  ${String(event.seq).padStart(4)}  ${describeFact(event.fact)}`,
  );
  return `${[...head, '', ...facts].join('\n')}\n`;
}

/** One fact of a run in a sentence. */
export function describeFact(fact: RunEvent['fact']): string {
  switch (fact.kind) {
    case 'run-started':
      return `run started in ${fact.environment} by agent ${fact.agentVersion}`;
    case 'condition-answered':
      return `${fact.stepId} condition ${fact.verdict ? 'holds' : 'does not hold'}: ${fact.detail}`;
    case 'step-skipped':
      return `${fact.stepId} ${fact.name}: skipped, ${fact.reason === 'disabled' ? 'it is disabled' : 'its condition does not hold'}`;
    case 'group-entered':
      return `${fact.stepId} ${fact.name}: group entered`;
    case 'group-left':
      return `${fact.stepId} ${fact.name}: group ${fact.succeeded ? 'succeeded' : 'failed'}`;
    case 'step-started':
      return `${fact.stepId} ${fact.name}: started${fact.attempt > 1 ? `, attempt ${fact.attempt}` : ''}`;
    case 'step-finished':
      return describeStepEnd(fact);
    case 'disk-chosen':
      return `${fact.stepId} ${fact.name}: erases ${describeDisk(fact.disk)}`;
    case 'step-interrupted':
      return `${fact.stepId} ${fact.name}: was interrupted, ${fact.again ? 'is run again' : 'may not run twice'}`;
    case 'restart-requested':
      return `restart, next from ${fact.next === 'pe' ? 'the network (PE)' : 'the disk'}`;
    case 'restart-refused':
      return `restart refused: ${fact.error.message} [${fact.error.code}]`;
    case 'resumed':
      return `resumed in ${fact.environment} from the ${fact.from === 'journal' ? 'journal' : "server's copy"}`;
    case 'run-finished':
      return describeRunEnd(fact);
  }
}

type Fact<Kind extends RunEvent['fact']['kind']> = Extract<RunEvent['fact'], { kind: Kind }>;

function describeStepEnd(fact: Fact<'step-finished'>): string {
  const took = `after ${formatSpan(fact.durationMs)}`;
  if (fact.succeeded) return `${fact.stepId} ${fact.name}: succeeded ${took}`;
  return `${fact.stepId} ${fact.name}: failed with ${formatCode(fact.code)} ${took}${whyOf(fact)}`;
}

function describeRunEnd(fact: Fact<'run-finished'>): string {
  return fact.succeeded
    ? 'run succeeded'
    : `run failed with ${formatCode(fact.code)}${whyOf(fact)}`;
}

function whyOf({ error }: Fact<'step-finished' | 'run-finished'>): string {
  return error === undefined ? '' : `: ${error.message} [${error.code}]`;
}

/** Exit codes above 65535 are HRESULTs and are read in hexadecimal. */
function formatCode(code: number): string {
  return code > 0xffff ? `0x${code.toString(16).toUpperCase()}` : String(code);
}
