import type { ReactNode } from 'react';
import { Pill, type Tone } from './pill.tsx';
import classes from './rows.module.css';

/** A list of rows; what is in a row stands in columns where there is room, and below each other where not. */
export function Rows({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    <ul className={classes['rows']} aria-label={label}>
      {children}
    </ul>
  );
}

/** One row. Its children are the columns. */
export function Row({
  children,
  marked,
}: {
  readonly children: ReactNode;
  readonly marked?: boolean;
}) {
  return (
    <li className={classes['row']} data-marked={marked}>
      {children}
    </li>
  );
}

/** A column of lines. */
export function Lines({
  children,
  narrow,
}: {
  readonly children: ReactNode;
  readonly narrow?: boolean;
}) {
  return (
    <div className={classes['lines']} data-narrow={narrow}>
      {children}
    </div>
  );
}

/** How what is in the row stands: its first column. */
export function RowState({ tone, word }: { readonly tone: Tone; readonly word: string }) {
  return (
    <Lines narrow>
      <span>
        <Pill tone={tone}>{word}</Pill>
      </span>
    </Lines>
  );
}

/** Buttons at the end of a row. */
export function RowActions({ children }: { readonly children: ReactNode }) {
  return <div className={classes['actions']}>{children}</div>;
}

/** The name in a row. */
export function Name({ children }: { readonly children: ReactNode }) {
  return <span className={classes['name']}>{children}</span>;
}

/** A line that says more. */
export function Quiet({ children }: { readonly children: ReactNode }) {
  return <span className={classes['quiet']}>{children}</span>;
}

/** A line that says what is wrong. */
export function Wrong({ children }: { readonly children: ReactNode }) {
  return <span className={classes['wrong']}>{children}</span>;
}

/** An address or a number to be compared by eye. */
export function Mono({ children }: { readonly children: ReactNode }) {
  return <span className={classes['mono']}>{children}</span>;
}
