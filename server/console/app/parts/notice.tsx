import type { ReactNode } from 'react';
import classes from './notice.module.css';

/** Something on the page that somebody has to know or do. */
export function Notice({
  tone,
  children,
}: {
  readonly tone: 'warn' | 'bad' | 'good' | 'busy';
  readonly children: ReactNode;
}) {
  return (
    <div className={classes['notice']} data-tone={tone}>
      {children}
    </div>
  );
}
