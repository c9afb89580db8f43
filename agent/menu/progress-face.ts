import type { Progress } from '../protocol/run-event.ts';

/** How a task sequence wants its progress shown, by two of its variables. */
export interface ProgressFace {
  /** `TSDisableProgressUI`: nothing of it. */
  readonly hidden: boolean;
  /** `TSProgressInfoLevel`: 1 step and count, 2 those and percent, 3 percent alone; 0 where not set. */
  readonly infoLevel: 0 | 1 | 2 | 3;
}

/** Before a run, and of a sequence that says nothing. */
export const plainFace: ProgressFace = { hidden: false, infoLevel: 0 };

/** Reads the two variables; what they cannot mean counts as not set. */
export function progressFace(variables: { value(name: string): string | undefined }): ProgressFace {
  const level = Number(variables.value('TSProgressInfoLevel')?.trim());
  return {
    hidden: variables.value('TSDisableProgressUI')?.trim().toLowerCase() === 'true',
    infoLevel: level === 1 || level === 2 || level === 3 ? level : 0,
  };
}

/**
 * Which step it is, as people are told: `Step 2 of 10 (20% complete): Apply`. Percent is of the steps,
 * a guide only: those that are skipped make it jump.
 */
export function describePosition(
  { index, total, title }: Progress,
  { infoLevel }: ProgressFace,
): string {
  const percent = `(${total === 0 ? 0 : Math.floor((index * 100) / total)}% complete)`;
  switch (infoLevel) {
    case 0:
    case 1:
      return `Step ${index} of ${total}: ${title}`;
    case 2:
      return `Step ${index} of ${total} ${percent}: ${title}`;
    case 3:
  }
  return `${percent} ${title}`;
}
