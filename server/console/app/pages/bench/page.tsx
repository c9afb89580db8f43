import { useMemo } from 'react';
import { useFeed } from '../../api/feed.ts';
import { Loading } from '../../parts/loading.tsx';
import { PageTitle } from '../../parts/page-title.tsx';
import { benchText } from '../../text/bench.ts';
import { NetbootState } from '../network/netboot-state.tsx';
import { Conflicts } from './conflicts.tsx';
import { Machines } from './machines.tsx';
import { Waiting } from './waiting.tsx';

/** The bench: what is asked of the operator first, then every machine. */
export function BenchPage() {
  const feed = useFeed();
  const devices = feed?.devices;
  const waiting = useMemo(
    () => (devices ?? []).filter(({ state }) => state === 'waiting'),
    [devices],
  );
  return (
    <>
      <PageTitle title={benchText.title} />
      <NetbootState />
      <Conflicts />
      {feed === null ? (
        <Loading />
      ) : (
        <>
          <Waiting devices={waiting} />
          <Machines feed={feed} />
        </>
      )}
    </>
  );
}
