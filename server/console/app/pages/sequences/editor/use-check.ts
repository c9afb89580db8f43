import { useEffect, useState } from 'react';
import { ApiError, call, describeError } from '../../../api/call.ts';
import { useMay } from '../../../api/session.ts';
import { type PlacedProblem, placeProblem, type ServerProblem } from '../model/problems.ts';
import { type EditSequence, formatSequence } from '../model/tree.ts';

/** How long nobody types before the server is asked. */
const QUIET_MS = 350;

/** What the server finds in what is here. */
export interface CheckState {
  /** Null where this person's role may not ask. */
  readonly problems: readonly PlacedProblem[] | null;
  /** What is here is another than was looked at. */
  readonly isChecking: boolean;
}

interface CheckAnswer {
  readonly problems: readonly ServerProblem[];
  readonly warnings: readonly ServerProblem[];
}

/** Holds a sequence against what the server has, as it is typed. */
export function useCheck(sequence: EditSequence): CheckState {
  const may = useMay()('POST /sequences/check');
  const [checked, setChecked] = useState<{
    readonly of: EditSequence;
    readonly problems: readonly PlacedProblem[];
  } | null>(null);
  useEffect(() => {
    if (!may) return;
    let isOver = false;
    const timer = setTimeout(() => {
      void look(sequence).then((problems) => {
        if (!isOver) setChecked({ of: sequence, problems });
      });
    }, QUIET_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [may, sequence]);
  return {
    problems: may ? (checked?.problems ?? []) : null,
    isChecking: may && checked?.of !== sequence,
  };
}

/** As JSON: a text with comments takes long to write, and is the same document. */
async function look(sequence: EditSequence): Promise<readonly PlacedProblem[]> {
  const text = JSON.stringify(formatSequence(sequence));
  try {
    const { problems, warnings } = await call<CheckAnswer>('POST', '/sequences/check', { text });
    return [
      ...problems.map((each) => placeProblem(each, false)),
      ...warnings.map((each) => placeProblem(each, true)),
    ];
  } catch (error) {
    if (error instanceof ApiError && error.problems !== undefined && error.problems.length > 0)
      return error.problems.map((each) => placeProblem(each, false));
    const code = error instanceof ApiError ? error.code : 'console.answer';
    return [placeProblem({ code, message: describeError(error) }, false)];
  }
}
