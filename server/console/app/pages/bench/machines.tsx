import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { lazy, Suspense, useDeferredValue, useMemo, useState } from 'react';
import type { Feed } from '../../api/feed.ts';
import { useStore } from '../../api/store.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Loading } from '../../parts/loading.tsx';
import { now } from '../../parts/now.ts';
import { SearchField, wantedOf } from '../../parts/search-field.tsx';
import { useQueryWord } from '../../shell/router.tsx';
import { benchText } from '../../text/bench.ts';
import classes from './tile.module.css';
import { MachineTile } from './tile.tsx';
import { nameOf, sortTiles, type TileOrder, tileOrders } from './tile-order.ts';
import {
  isRecent,
  isShown,
  type Tile,
  type TileFilter,
  tileFilters,
  tilesOf,
} from './tile-state.ts';

const text = benchText.tiles;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** How long ago a machine may have shown itself; 0: whenever. */
const spans = [12, 48, 0] as const;
const Arrange = lazy(async () => ({ default: (await import('./arrange.tsx')).Arrange }));

/** Every machine that showed itself in the last hours, as a tile, in the order of the bench. */
export function Machines({ feed: newest }: { readonly feed: Feed }) {
  // A thousand tiles are gone through in pieces, between frames: scrolling does not wait for them.
  const feed = useDeferredValue(newest);
  const [filterWord, setFilter] = useQueryWord('show');
  const [hoursWord, setHours] = useQueryWord('hours');
  const [typed, setSearch] = useQueryWord('of');
  const search = useDeferredValue(typed);
  const [order, setOrder] = useLocalStorage<TileOrder>({
    key: 'bench-order',
    defaultValue: 'port',
  });
  const [own, setOwn] = useLocalStorage<string[]>({ key: 'bench-places', defaultValue: [] });
  const [isArranging, setArranging] = useState(false);
  const filter = tileFilters.find((each) => each === filterWord) ?? 'all';
  const hours = spans.find((each) => String(each) === hoursWord) ?? spans[0];

  const nowMs = useStore(now, (ms) => ms - (ms % MINUTE_MS));
  const tiles = useMemo(() => {
    const sinceMs = hours === 0 ? 0 : nowMs - hours * HOUR_MS;
    return tilesOf(feed).filter((tile) => isRecent(tile, sinceMs));
  }, [feed, hours, nowMs]);
  const shown = useMemo(() => {
    const wanted = wantedOf(search);
    const found = tiles.filter(
      (tile) => isShown(filter, tile.state) && wordsOf(tile).includes(wanted),
    );
    return sortTiles(found, order, own);
  }, [tiles, filter, search, order, own]);
  const countOf = (each: TileFilter) => tiles.filter(({ state }) => isShown(each, state)).length;

  return (
    <section aria-label={benchText.machines.title}>
      <div className={classes['bar-of-filters']}>
        <h2 className={classes['title']}>{benchText.machines.title}</h2>
        <SegmentedControl
          aria-label={text.filter}
          data={tileFilters.map((value) => ({
            value,
            label: `${text.filters[value]} ${countOf(value)}`,
          }))}
          value={filter}
          onChange={(value) => setFilter(value === 'all' ? '' : value)}
        />
        <SearchField
          label={text.search}
          className={classes['narrow']}
          value={typed}
          onChange={setSearch}
        />
        <NativeSelect
          className={classes['narrow'] ?? ''}
          aria-label={text.hours}
          data={spans.map((each) => ({ value: String(each), label: text.hoursOf(each) }))}
          value={String(hours)}
          onChange={({ currentTarget: { value } }) =>
            setHours(value === String(spans[0]) ? '' : value)
          }
        />
        <NativeSelect
          className={classes['narrow'] ?? ''}
          aria-label={text.order}
          data={tileOrders.map((value) => ({ value, label: text.orders[value] }))}
          value={order}
          onChange={({ currentTarget: { value } }) =>
            setOrder(tileOrders.find((each) => each === value) ?? 'port')
          }
        />
        {order === 'own' && (
          <Button
            variant="default"
            aria-pressed={isArranging}
            onClick={() => setArranging(!isArranging)}
          >
            {isArranging ? text.arranged : text.arrange}
          </Button>
        )}
      </div>
      {tiles.length === 0 && <EmptyState {...benchText.machines.empty} />}
      {tiles.length > 0 && shown.length === 0 && <EmptyState {...text.noneFits} />}
      {order === 'own' && isArranging ? (
        <Suspense fallback={<Loading />}>
          <p className={classes['quiet']}>{text.arrangeHint}</p>
          <Arrange tiles={shown} arranged={setOwn} />
        </Suspense>
      ) : (
        <ul className={classes['grid']} aria-label={benchText.machines.title}>
          {shown.map((tile) => (
            <li key={tile.key}>
              <MachineTile tile={tile} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** What a search looks through. */
function wordsOf(tile: Tile): string {
  const { device, run, decision } = tile;
  return [
    nameOf(tile),
    device?.serialNumber,
    device?.manufacturer,
    device?.model,
    device?.seenAt?.port,
    ...(device?.macAddresses ?? []),
    run?.sequenceName,
    decision?.reason,
  ]
    .filter(Boolean)
    .join(' ')
    .toLowerCase();
}
