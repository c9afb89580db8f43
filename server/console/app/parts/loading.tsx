import { Skeleton } from '@mantine/core';
import { shellText } from '../text/shell.ts';
import classes from './loading.module.css';

/** What stands where something is being read: it appears late, so that fast answers do not flicker. */
export function Loading() {
  return (
    <div className={classes['loading']} role="status" aria-label={shellText.loading}>
      <Skeleton height={26} width="40%" mb="sm" />
      <Skeleton height={18} mb="xs" />
      <Skeleton height={18} width="80%" />
    </div>
  );
}
