import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { LogSlice } from '../../../../http/api.ts';
import { call } from '../../api/call.ts';
import { Loading } from '../../parts/loading.tsx';
import { fail } from '../../shell/notify.tsx';
import { runsText } from '../../text/runs.ts';
import { logLines } from './log-lines.ts';
import classes from './page.module.css';

const TAIL_CHARACTERS = 64 * 1024;
const AT_END_PIXELS = 8;
const AGAIN_MS = 3000;

/**
 * The end of a run's log as it grows; it keeps at the end a reader who is at the end, and begins at the first error
 * of a run that failed.
 */
export function RunLog({
  runId,
  hasFailed,
}: {
  readonly runId: string;
  readonly hasFailed: boolean;
}) {
  const text = useLogTail(runId);
  const lines = useMemo(() => (text === null ? [] : logLines(text)), [text]);
  const place = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(!hasFailed);
  const isPlaced = useRef(false);
  useLayoutEffect(() => {
    const log = place.current;
    if (log === null || lines.length === 0) return;
    const error =
      hasFailed && !isPlaced.current ? log.querySelector('[data-severity="error"]') : null;
    if (error instanceof HTMLElement) {
      isPlaced.current = true;
      log.scrollTop = error.offsetTop - log.offsetTop - 24;
    } else if (isAtEnd.current) log.scrollTop = log.scrollHeight;
  }, [lines, hasFailed]);
  if (text === null) return <Loading />;
  return (
    <pre
      ref={place}
      className={classes['log']}
      // Scrolled by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={runsText.detail.logEnd}
      onScroll={({ currentTarget: log }) => {
        isAtEnd.current = log.scrollTop + log.clientHeight >= log.scrollHeight - AT_END_PIXELS;
      }}
    >
      {lines.length === 0 && runsText.detail.noLog}
      {lines.map((line, index) => (
        // Lines have nothing but their place to tell them apart.
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} data-severity={line.severity}>
          {line.text}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}

/** The last 64 KiB of the log; questions are held by the server until there is more. Null before the first answer. */
function useLogTail(runId: string): string | null {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let offset = 0;
    let tail = '';
    const read = async (): Promise<void> => {
      // All there is first, so that it is shown at once; from then on what comes.
      for (let wait = 0; ; ) {
        const slice = await call<LogSlice>(
          'GET',
          `/runs/${runId}/log?offset=${offset}&wait=${wait}`,
        );
        if (isOver) return;
        const isNew = slice.next > offset;
        tail = (tail + slice.text).slice(-TAIL_CHARACTERS);
        offset = slice.next;
        if (isNew && wait === 0) continue;
        wait = 1;
        setText(tail);
        if (slice.ended && !isNew) return;
      }
    };
    const follow = () => {
      read().catch((error: unknown) => {
        if (isOver) return;
        fail(error);
        timer = setTimeout(follow, AGAIN_MS);
      });
    };
    follow();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [runId]);
  return text;
}
