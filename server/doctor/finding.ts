/** One thing that was looked at: how it is, and what to do when it is not well. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  /** Stable dotted code of what was looked at. */
  readonly code: string;
  /** Whole sentence with the values seen. */
  readonly message: string;
  readonly hint?: string;
}

/** Findings for people, each problem with what to do under it. */
export function formatFindings(findings: readonly Finding[]): string {
  const marks = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;
  const lines = findings.flatMap((finding) => [
    `${marks[finding.level]} ${finding.message}`,
    ...(finding.hint === undefined ? [] : [`         what to do: ${finding.hint}`]),
  ]);
  const problems = findings.filter((finding) => finding.level === 'problem').length;
  const warnings = findings.filter((finding) => finding.level === 'warning').length;
  const sum =
    problems + warnings === 0
      ? 'everything looked at is well'
      : `${problems} ${problems === 1 ? 'problem' : 'problems'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  return `${[...lines, '', sum].join('\n')}\n`;
}
