import { type Tile, tileStates } from './tile-state.ts';

/** In which order the bench shows its machines. */
export const tileOrders = ['port', 'attention', 'name', 'own'] as const;
export type TileOrder = (typeof tileOrders)[number];

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
/** Behind all that have a port. */
const LAST = '￿';

/**
 * Sorts tiles: by switch and port with their numbers counted (`eth1/2` before `eth1/10`), by what needs somebody, by
 * name, or as they were arranged; what was not arranged yet comes behind, by its port.
 */
export function sortTiles(
  tiles: readonly Tile[],
  order: TileOrder,
  own: readonly string[],
): Tile[] {
  const byPort = (one: Tile, other: Tile) =>
    collator.compare(portOf(one), portOf(other)) || byName(one, other);
  switch (order) {
    case 'port':
      return tiles.toSorted(byPort);
    case 'name':
      return tiles.toSorted(byName);
    case 'attention':
      return tiles.toSorted(
        (one, other) =>
          tileStates.indexOf(one.state) - tileStates.indexOf(other.state) || byPort(one, other),
      );
    case 'own': {
      const places = new Map(own.map((key, index) => [key, index]));
      const placeOf = ({ key }: Tile) => places.get(key) ?? own.length;
      return tiles.toSorted((one, other) => placeOf(one) - placeOf(other) || byPort(one, other));
    }
  }
}

/** What a tile is called. */
export function nameOf({ device, decision }: Tile): string {
  return device?.name ?? decision?.mac ?? '';
}

function byName(one: Tile, other: Tile): number {
  return collator.compare(nameOf(one), nameOf(other));
}

function portOf({ device }: Tile): string {
  const at = device?.seenAt;
  return at?.port ? `${at.switchId ?? at.relay ?? at.interfaceName ?? ''} ${at.port}` : LAST;
}
