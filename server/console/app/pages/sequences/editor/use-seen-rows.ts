import { type RefObject, useEffect, useState } from 'react';
import { ROW_PX } from './tree-row.tsx';

/** Rows beyond the edges that are in the page, too. */
const BEYOND = 8;

/** Which of many rows of one height are seen: only those are in the page. */
export function useSeenRows(scroller: RefObject<HTMLElement | null>, count: number) {
  const [seen, setSeen] = useState({ topPx: 0, heightPx: 800 });
  useEffect(() => {
    const { current: element } = scroller;
    if (element === null) return;
    const look = () =>
      setSeen((before) => {
        const next = { topPx: element.scrollTop, heightPx: element.clientHeight };
        const isSame = before.topPx === next.topPx && before.heightPx === next.heightPx;
        return isSame ? before : next;
      });
    const sized = new ResizeObserver(look);
    sized.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      sized.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller]);
  const first = Math.max(0, Math.floor(seen.topPx / ROW_PX) - BEYOND);
  const last = Math.min(count, Math.ceil((seen.topPx + seen.heightPx) / ROW_PX) + BEYOND);
  return {
    indexes: Array.from({ length: Math.max(0, last - first) }, (_, index) => first + index),
    totalPx: count * ROW_PX,
    /** Scrolls as far as it takes to see a row. */
    scrollTo(index: number): void {
      const { current: element } = scroller;
      if (element === null) return;
      const [from, to] = [index * ROW_PX, (index + 1) * ROW_PX];
      if (from < element.scrollTop) element.scrollTo({ top: from });
      else if (to > element.scrollTop + element.clientHeight)
        element.scrollTo({ top: to - element.clientHeight });
    },
  };
}
