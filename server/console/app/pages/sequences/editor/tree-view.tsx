import {
  DndContext,
  type DragMoveEvent,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { editorText as text } from '../../../text/sequences.ts';
import { type Direction, moveNodes } from '../model/moves.ts';
import { rangeOf, type TreeRow, visibleRows } from '../model/rows.ts';
import { type DropPlace, dropPlaceAt } from './drop-place.ts';
import { ROW_PX, type RowSigns, rowId, TreeRowView } from './tree-row.tsx';
import classes from './tree-view.module.css';
import { useTreeClipboard } from './use-clipboard.ts';
import { chosen, type Editor, moveChosen } from './use-editor.ts';
import { useSeenRows } from './use-seen-rows.ts';

const moveKeys: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'out',
  ArrowRight: 'in',
};

interface TreeViewProps {
  readonly editor: Editor;
  readonly canEdit: boolean;
  readonly signs: (row: TreeRow) => RowSigns;
  readonly found: ReadonlySet<number>;
  /** The node at which a simulated run is looked at. */
  readonly at: number | null;
  readonly onRemove: () => void;
}

/** The tree: one stop of the Tab key, arrow keys inside; only rows that are seen are in the page. */
export function TreeView({ editor, canEdit, signs, found, at, onRemove }: TreeViewProps) {
  const { sequence, choice, choose, edit } = editor;
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const [drop, setDrop] = useState<DropPlace | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const scrolledPx = useRef(0);
  const help = useId();
  const rows = useMemo(() => visibleRows(sequence, closed), [sequence, closed]);
  const seen = useSeenRows(scroller, rows.length);
  const sensors = useSensors(useSensor(PointerSensor, { activationConstraint: { distance: 6 } }));
  useTreeClipboard(editor, { tree: scroller, canEdit, onRemove });

  // What has the focus is seen, and what is around it is open.
  const { focused } = editor;
  useEffect(() => {
    const around = focused?.around.filter(({ id }) => closed.has(id)) ?? [];
    if (around.length > 0)
      setClosed(
        (before) => new Set([...before].filter((id) => !around.some((each) => each.id === id))),
      );
    const index = rows.findIndex(({ node }) => node.id === choice.focus);
    if (index >= 0) seen.scrollTo(index);
    // oxlint-disable-next-line react/exhaustive-deps -- only a new focus scrolls, not each edit
  }, [choice.focus]);

  const rowsNow = useRef(rows);
  rowsNow.current = rows;
  const onChoose = useCallback(
    (id: number, how: 'one' | 'range' | 'toggle') => {
      scroller.current?.focus({ preventScroll: true });
      choose((before) => {
        if (how === 'range' && before.anchor !== null)
          return {
            ...before,
            focus: id,
            ids: new Set(rangeOf(rowsNow.current, before.anchor, id)),
          };
        if (how === 'one') return chosen(id);
        const ids = new Set(before.ids);
        if (!ids.delete(id)) ids.add(id);
        return { focus: id, ids, anchor: id };
      });
    },
    [choose],
  );
  const onTwist = useCallback((id: number) => {
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const at = rows.findIndex(({ node }) => node.id === choice.focus);
    const row = rows[at];
    const go = (index: number) => {
      const to = rows[Math.min(rows.length - 1, Math.max(0, index))];
      if (to !== undefined) onChoose(to.node.id, event.shiftKey ? 'range' : 'one');
    };
    const { key } = event;
    const direction = event.altKey ? moveKeys[key] : undefined;
    if (direction !== undefined) {
      if (canEdit) moveChosen(editor, direction);
    } else if (event.altKey) return;
    else if ((event.ctrlKey || event.metaKey) && key === 'a')
      choose({ ...choice, ids: new Set(rows.map(({ node }) => node.id)) });
    else if (event.ctrlKey || event.metaKey) return;
    else if (key === 'ArrowDown') go(at + 1);
    else if (key === 'ArrowUp') go(at - 1);
    else if (key === 'Home') go(0);
    else if (key === 'End') go(rows.length - 1);
    else if (key === 'PageDown') go(at + 10);
    else if (key === 'PageUp') go(at - 10);
    else if (row === undefined) return;
    else if (key === 'ArrowRight')
      if (row.node.steps !== null && closed.has(row.node.id)) onTwist(row.node.id);
      else go(at + 1);
    else if (key === 'ArrowLeft')
      if (row.node.steps !== null && !closed.has(row.node.id)) onTwist(row.node.id);
      else go(rows.findIndex(({ node }) => node.id === row.parent));
    else if (key === ' ') onChoose(row.node.id, 'toggle');
    else if (key === 'Delete' && canEdit) onRemove();
    else return;
    event.preventDefault();
  };

  const heightOf = (event: DragMoveEvent): number => {
    const { activatorEvent } = event;
    if (!(activatorEvent instanceof PointerEvent) || scroller.current === null) return 0;
    const { top } = scroller.current.getBoundingClientRect();
    return (activatorEvent.clientY + event.delta.y - top + scrolledPx.current) / ROW_PX;
  };
  return (
    <DndContext
      sensors={sensors}
      onDragStart={({ active }) => {
        scrolledPx.current = scroller.current?.scrollTop ?? 0;
        if (!choice.ids.has(Number(active.id))) choose(chosen(Number(active.id)));
      }}
      onDragMove={(event) => {
        const next = dropPlaceAt(rows, closed, heightOf(event));
        setDrop((before) =>
          before?.row === next?.row && before?.how === next?.how ? before : next,
        );
      }}
      onDragCancel={() => setDrop(null)}
      onDragEnd={() => {
        if (drop !== null) edit(moveNodes(sequence, choice.ids, drop.gap));
        setDrop(null);
      }}
    >
      <p id={help} className="visually-hidden">
        {text.treeHelp}
      </p>
      <div
        ref={scroller}
        className={classes['scroller']}
        role="tree"
        tabIndex={0}
        aria-label={text.tree}
        aria-describedby={help}
        aria-multiselectable="true"
        aria-activedescendant={
          seen.indexes.some((index) => rows[index]?.node.id === choice.focus)
            ? rowId(choice.focus ?? 0)
            : undefined
        }
        onKeyDown={onKeyDown}
      >
        <div
          className={classes['canvas']}
          role="presentation"
          style={{ height: `${seen.totalPx}px` }}
        >
          {seen.indexes.map((index) => {
            const row = rows[index];
            if (row === undefined) return null;
            const { id } = row.node;
            return (
              <TreeRowView
                key={id}
                row={row}
                topPx={index * ROW_PX}
                {...signs(row)}
                isClosed={closed.has(id)}
                isChosen={choice.ids.has(id)}
                hasFocus={choice.focus === id}
                isFound={found.has(id)}
                isAt={at === id}
                drop={drop?.row === index ? drop.how : undefined}
                canDrag={canEdit}
                onChoose={onChoose}
                onTwist={onTwist}
              />
            );
          })}
        </div>
      </div>
      {rows.length === 0 && <p className={classes['empty']}>{text.emptyTree}</p>}
    </DndContext>
  );
}
