import type { ReactNode } from 'react';
import { Command } from './command.tsx';
import classes from './empty-state.module.css';

interface EmptyStateProps {
  readonly title: string;
  readonly text: string;
  /** The command for what is to be done next. */
  readonly command?: string;
  readonly tone?: 'bad';
  readonly children?: ReactNode;
}

/** Nothing is here: what is so, and what to do next. */
export function EmptyState({ title, text, command, tone, children }: EmptyStateProps) {
  return (
    <div className={classes['empty']} data-tone={tone}>
      <p className={classes['title']}>{title}</p>
      <p className={classes['text']}>{text}</p>
      {command !== undefined && <Command>{command}</Command>}
      {children}
    </div>
  );
}
