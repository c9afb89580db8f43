import { useMemo } from 'react';
import { Quiet } from '../../../parts/rows.tsx';
import { editorText } from '../../../text/sequences.ts';
import { type DiffLine, diffLines } from '../model/diff.ts';
import classes from './editor.module.css';

const text = editorText.versions;
/** Lines that are the same and are shown around a difference. */
const AROUND = 3;

/** What was done to a text, with a few lines around each difference. */
export function DiffView({
  label,
  older,
  newer,
}: {
  readonly label: string;
  readonly older: string;
  readonly newer: string;
}) {
  const parts = useMemo(() => shortened(diffLines(older, newer)), [older, newer]);
  if (older === newer) return <Quiet>{text.same}</Quiet>;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by the keyboard
    <pre className={classes['diff']} aria-label={label} role="region" tabIndex={0}>
      {parts.map(({ key, line, skipped }) =>
        line === undefined ? (
          <span key={key}>{`… ${text.skipped(skipped)}`}</span>
        ) : line.kind === 'added' ? (
          <ins key={key}>{`+ ${line.text}`}</ins>
        ) : line.kind === 'removed' ? (
          <del key={key}>{`- ${line.text}`}</del>
        ) : (
          <span key={key}>{`  ${line.text}`}</span>
        ),
      )}
    </pre>
  );
}

interface Part {
  readonly key: number;
  /** Undefined for lines that are left out. */
  readonly line: DiffLine | undefined;
  readonly skipped: number;
}

function shortened(lines: readonly DiffLine[]): readonly Part[] {
  const near = new Set<number>();
  for (const [index, { kind }] of lines.entries())
    if (kind !== 'same') for (let at = index - AROUND; at <= index + AROUND; at += 1) near.add(at);
  const parts: Part[] = [];
  let skipped = 0;
  const skip = (key: number) => {
    if (skipped > 0) parts.push({ key: -key - 1, line: undefined, skipped });
    skipped = 0;
  };
  for (const [key, line] of lines.entries()) {
    if (near.has(key)) {
      skip(key);
      parts.push({ key, line, skipped: 0 });
    } else skipped += 1;
  }
  skip(lines.length);
  return parts;
}
