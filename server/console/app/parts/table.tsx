import type { ReactNode } from 'react';
import classes from './table.module.css';

interface TableProps {
  readonly label: string;
  readonly columns: readonly string[];
  /** Rows `<tr>` with as many cells as there are columns. */
  readonly children: ReactNode;
}

/** A table that scrolls by itself where the page is narrower than it. */
export function Table({ label, columns, children }: TableProps) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={classes['frame']} role="region" aria-label={label} tabIndex={0}>
      <table className={classes['table']}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
