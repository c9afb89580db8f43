import { type ReactNode, useId } from 'react';
import classes from './panel.module.css';

interface PanelProps {
  readonly title?: string;
  /** How many there are, beside the title. */
  readonly count?: number;
  /** A short remark at the end of the title's line. */
  readonly summary?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page with a heading of its own: a landmark that screen readers can jump to. */
export function Panel({ title, count, summary, actions, children }: PanelProps) {
  const id = useId();
  if (title === undefined) return <section className={classes['panel']}>{children}</section>;
  return (
    <section className={classes['panel']} aria-labelledby={id}>
      <div className={classes['head']}>
        <h2 id={id} className={classes['title']}>
          {title}
          {count !== undefined && <span className={classes['count']}> {count}</span>}
        </h2>
        {summary !== undefined && summary !== '' && <p className={classes['summary']}>{summary}</p>}
        {actions}
      </div>
      {children}
    </section>
  );
}
