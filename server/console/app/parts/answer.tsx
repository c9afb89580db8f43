import { Button } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { describeError } from '../api/call.ts';
import { shellText } from '../text/shell.ts';
import { EmptyState } from './empty-state.tsx';
import { Loading } from './loading.tsx';

/**
 * What an answer of the API is shown by: while it is read, when it could not be, and when it is there. One that was
 * there stays when the next try fails: the header says that there is no connection.
 */
export function Answer<Data>({
  of,
  children,
}: {
  readonly of: UseQueryResult<Data>;
  readonly children: (data: Data) => ReactNode;
}) {
  if (of.data !== undefined) return children(of.data);
  if (of.isPending) return <Loading />;
  return (
    <EmptyState title={shellText.failed} text={describeError(of.error)} tone="bad">
      <Button variant="default" onClick={() => void of.refetch()}>
        {shellText.again}
      </Button>
    </EmptyState>
  );
}
