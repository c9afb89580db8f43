import { Button, NativeSelect } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import type { DeviceView } from '../../../../http/api.ts';
import { callPage } from '../../api/call.ts';
import { Ago } from '../../parts/ago.tsx';
import { Answer } from '../../parts/answer.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Pill } from '../../parts/pill.tsx';
import { Mono, Quiet } from '../../parts/rows.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { Table } from '../../parts/table.tsx';
import { Link, useQueryWord } from '../../shell/router.tsx';
import { devicesText as text } from '../../text/devices.ts';
import { makeOf, stateTones } from './device-state.ts';

const states = Object.entries(text.states).map(([value, label]) => ({ value, label }));

/** All devices, a page of the server's list at a time; search and state are in the address. */
export function DevicesPage() {
  const [search, setSearch] = useQueryWord('of');
  const [state, setState] = useQueryWord('state');
  const wanted = useDeferredValue(search);
  const query = new URLSearchParams({ search: wanted, ...(state === '' ? {} : { state }) });
  const path = `/devices?${query.toString()}`;
  const devices = useInfiniteQuery({
    queryKey: [path],
    initialPageParam: path,
    queryFn: ({ pageParam }) => callPage<DeviceView>(pageParam),
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  });
  return (
    <>
      <PageTitle title={text.title} text={text.text} />
      <Panel>
        <div className={classes['bar']}>
          <SearchField label={text.search} value={search} onChange={setSearch} />
          <NativeSelect
            aria-label={text.state}
            data={states}
            value={state}
            onChange={(event) => setState(event.currentTarget.value)}
          />
        </div>
        <Answer of={devices}>
          {({ pages }) => {
            const shown = pages.flatMap(({ items }) => items);
            if (shown.length === 0) return <EmptyState {...text.empty} />;
            return (
              <>
                <Table label={text.title} columns={Object.values(text.columns)}>
                  {shown.map((device) => (
                    <DeviceRow key={device.id} device={device} />
                  ))}
                </Table>
                <div className={classes['more']} role="status">
                  <Quiet>{text.shown(shown.length)}</Quiet>
                  {devices.hasNextPage && (
                    <Button
                      variant="default"
                      loading={devices.isFetchingNextPage}
                      onClick={() => void devices.fetchNextPage()}
                    >
                      {text.more}
                    </Button>
                  )}
                </div>
              </>
            );
          }}
        </Answer>
      </Panel>
    </>
  );
}

function DeviceRow({ device }: { readonly device: DeviceView }) {
  return (
    <tr>
      <td>
        <Link href={`/devices/${device.id}`}>{device.name}</Link>
      </td>
      <td>
        <Pill tone={stateTones[device.state]}>{text.states[device.state].toLowerCase()}</Pill>
      </td>
      <td>{makeOf(device)}</td>
      <td>{device.serialNumber}</td>
      <td>
        <Mono>{device.macAddresses.join(' ')}</Mono>
      </td>
      <td>{device.lastSeenMs === null ? text.never : <Ago atMs={device.lastSeenMs} />}</td>
    </tr>
  );
}
