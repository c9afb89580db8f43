import { useStore } from '../api/store.ts';
import { ago } from './format.ts';
import { now } from './now.ts';

/** Time since, drawn again only when its words are others: a page may have thousands. */
export function Ago({
  atMs,
  of = (when) => when,
}: {
  readonly atMs: number;
  readonly of?: (when: string) => string;
}) {
  return <>{of(useStore(now, (nowMs) => ago(atMs, nowMs)))}</>;
}
