import { closest } from '#agent/sequence/closest.ts';
import { HttpError } from '../../errors.ts';

/** What somebody looked for: its word, the beginning of its error code, and the names there are. */
export interface Missing {
  readonly what: string;
  readonly code:
    | 'account'
    | 'application'
    | 'boundary-group'
    | 'collection'
    | 'deployment'
    | 'device'
    | 'distribution-point'
    | 'person'
    | 'run'
    | 'sequence'
    | 'window';
  readonly names: readonly string[];
}

/** The answer to a name or id that nothing has: 404 with those it may have meant. */
export function notFound(wanted: string, { what, code, names }: Missing): HttpError {
  const near = closest(wanted, names).map((name) => JSON.stringify(name));
  const all = names.slice(0, 5).map((name) => JSON.stringify(name));
  const hint =
    near.length > 0
      ? `did you mean ${near.join(' or ')}?`
      : names.length === 0
        ? `there is no ${what} at all yet`
        : `there is ${all.join(', ')}${names.length > all.length ? ` and ${names.length - all.length} more` : ''}`;
  return new HttpError(404, `${code}.not-found`, `There is no ${what} ${JSON.stringify(wanted)}`, {
    hint,
  });
}
