import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  arrayMove,
  rectSortingStrategy,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
} from '@dnd-kit/sortable';
import { CSS } from '@dnd-kit/utilities';
import { benchText } from '../../text/bench.ts';
import classes from './tile.module.css';
import { nameOf } from './tile-order.ts';
import type { Tile } from './tile-state.ts';

/** The machines as they stand in the rack: dragged, or moved by space and arrow keys. */
export function Arrange({
  tiles,
  arranged,
}: {
  readonly tiles: readonly Tile[];
  readonly arranged: (keys: string[]) => void;
}) {
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const keys = tiles.map(({ key }) => key);
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    if (over === null || over.id === active.id) return;
    arranged(arrayMove(keys, keys.indexOf(String(active.id)), keys.indexOf(String(over.id))));
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd}>
      <SortableContext items={keys} strategy={rectSortingStrategy}>
        <ul className={classes['grid']} aria-label={benchText.machines.title}>
          {tiles.map((tile) => (
            <ArrangedTile key={tile.key} tile={tile} />
          ))}
        </ul>
      </SortableContext>
    </DndContext>
  );
}

function ArrangedTile({ tile }: { readonly tile: Tile }) {
  const { attributes, listeners, setNodeRef, transform, transition } = useSortable({
    id: tile.key,
  });
  return (
    <li ref={setNodeRef} style={{ transform: CSS.Transform.toString(transform), transition }}>
      <button type="button" className={classes['handle']} {...attributes} {...listeners}>
        <span className={classes['arranged']} style={{ display: 'block' }}>
          <span className={classes['name']}>{nameOf(tile)}</span>
          <br />
          <span className={classes['quiet']}>
            {tile.device?.seenAt?.port
              ? benchText.waiting.port(tile.device.seenAt.port)
              : benchText.waiting.noPort}
          </span>
        </span>
      </button>
    </li>
  );
}
