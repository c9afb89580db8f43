import { type RunFact, StepId } from '#agent/protocol/run-event.ts';
import { runStarted } from '../../testing/run-facts.ts';

/** What a run of so many steps says from its beginning to its end. */
export function runFactsOf(documentSha256: string, steps: number): RunFact[] {
  const middle = Array.from({ length: steps }, (_, index): RunFact[] => {
    const step = { stepId: StepId.parse('0'), name: `Step ${index}` };
    return [
      { kind: 'group-entered', ...step },
      { kind: 'group-left', ...step, succeeded: true },
    ];
  });
  return [
    runStarted({ documentSha256 }, { environment: 'linux-pe' }),
    ...middle.flat(),
    { kind: 'run-finished', succeeded: true, code: 0, next: 'disk' },
  ];
}
