import type { ReactNode } from 'react';
import classes from './page-title.module.css';

/** The heading of a page, with what can be done on all of it. */
export function PageTitle({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text?: string;
  readonly children?: ReactNode;
}) {
  return (
    <div className={classes['head']}>
      <div>
        <h1 className={classes['title']}>{title}</h1>
        {text !== undefined && <p className={classes['text']}>{text}</p>}
      </div>
      {children}
    </div>
  );
}
