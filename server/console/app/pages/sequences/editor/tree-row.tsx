import { useDraggable } from '@dnd-kit/core';
import { memo } from 'react';
import { editorText as text } from '../../../text/sequences.ts';
import type { TreeRow } from '../model/rows.ts';
import { nameOf } from '../model/tree.ts';
import classes from './tree-view.module.css';

/** Height of a row in pixels, as the style has it. */
export const ROW_PX = 34;

/** What a row says beside what its node is. */
export interface RowSigns {
  /** What its type is called. */
  readonly kind: string;
  readonly problems: number;
  readonly warnings: number;
  /** What became of it in a simulated run. */
  readonly outcome: 'runs' | 'fails' | 'skipped' | 'in-skipped-group' | 'not-reached' | undefined;
}

interface TreeRowProps extends RowSigns {
  readonly row: TreeRow;
  readonly topPx: number;
  readonly isClosed: boolean;
  readonly isChosen: boolean;
  readonly hasFocus: boolean;
  readonly isFound: boolean;
  /** The step at which a simulated run is looked at. */
  readonly isAt: boolean;
  readonly drop: 'before' | 'after' | 'into' | undefined;
  readonly canDrag: boolean;
  readonly onChoose: (id: number, how: 'one' | 'range' | 'toggle') => void;
  readonly onTwist: (id: number) => void;
}

const outcomeTones = {
  runs: 'good',
  fails: 'bad',
  skipped: undefined,
  'in-skipped-group': undefined,
  'not-reached': undefined,
} as const;

/** A group or step. It is drawn anew only when it is another. */
export const TreeRowView = memo(function TreeRowView(props: TreeRowProps) {
  const { row, topPx, isClosed, hasFocus, drop } = props;
  const { node, level } = row;
  const { setNodeRef, listeners } = useDraggable({ id: node.id, disabled: !props.canDrag });
  const isGroup = node.steps !== null;
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the tree has the focus and the keys
    <div
      ref={setNodeRef}
      {...listeners}
      id={rowId(node.id)}
      role="treeitem"
      aria-level={level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={props.isChosen}
      aria-expanded={isGroup ? !isClosed : undefined}
      className={classes['row']}
      data-focus={hasFocus}
      data-off={row.isOff}
      data-drop={drop}
      data-found={props.isFound}
      data-at={props.isAt}
      style={{ transform: `translateY(${topPx}px)`, paddingLeft: `${(level - 1) * 18 + 8}px` }}
      onClick={(event) =>
        props.onChoose(
          node.id,
          event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'one',
        )
      }
      onDoubleClick={() => isGroup && props.onTwist(node.id)}
    >
      <span
        className={classes['twist']}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          if (isGroup) props.onTwist(node.id);
        }}
      >
        {isGroup ? (isClosed ? '▸' : '▾') : ''}
      </span>
      <span className={`${classes['name']} ${isGroup ? classes['group'] : ''}`}>
        {nameOf(node) || '…'}
      </span>
      <span className={classes['kind']}>{isGroup ? '' : props.kind}</span>
      <Marks {...props} />
    </div>
  );
});

function Marks({ row, problems, warnings, outcome }: TreeRowProps) {
  const { fields } = row.node;
  return (
    <>
      {fields['disabled'] === true && <span className={classes['mark']}>{text.off}</span>}
      {fields['condition'] !== undefined && <span className={classes['mark']}>{text.ifMark}</span>}
      {fields['continueOnError'] === true && <span className={classes['mark']}>{text.goesOn}</span>}
      {outcome !== undefined && (
        <span className={classes['mark']} data-tone={outcomeTones[outcome]}>
          {text.simulate.outcomes[outcome]}
        </span>
      )}
      {problems > 0 && (
        <span className={classes['mark']} data-tone="bad">
          {text.problems.problem}
        </span>
      )}
      {problems === 0 && warnings > 0 && (
        <span className={classes['mark']} data-tone="warn">
          {text.problems.warning}
        </span>
      )}
    </>
  );
}

/** The id of a row in the page. */
export function rowId(id: number): string {
  return `node-${id}`;
}
