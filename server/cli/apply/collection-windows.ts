import { z } from 'zod';
import { WindowView } from '../../http/api-windows.ts';
import { WindowSettings } from '../../inventory/maintenance-window/window.ts';
import { Recurrence } from '../../inventory/schedule/recurrence.ts';
import type { ApiClient } from '../api-client.ts';
import { parseRecurrenceText } from '../recurrence-text.ts';
import { type Difference, differencesOf, key } from './difference.ts';
import { asText } from './text-form.ts';

/** A maintenance window; its recurrence also as the command line has it, `weekly on monday`. */
export const WindowDocument = z.preprocess(
  (value) => asText(value, 'recurrence', parseRecurrenceText),
  WindowSettings,
);

type Wanted = readonly z.infer<typeof WindowDocument>[];
type Now = readonly WindowView[];

/** How the windows of a collection differ from those of the file; of one that names none they stay. */
export function windowDifferences(now: Now, wanted: Wanted | undefined): Difference[] {
  if (wanted === undefined) return [];
  const before = new Map(now.map((each) => [key(each.name), settingsOf(each)]));
  const after = new Map(wanted.map((each) => [key(each.name), each]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((each) =>
    differencesOf(before.get(each), after.get(each), `maintenanceWindows: ${each}`),
  );
}

/** Names that more than one window has. */
export function namedTwice(windows: Wanted): string[] {
  return [...Map.groupBy(windows, ({ name }) => key(name)).values()].flatMap(([, ...others]) =>
    others.map(({ name }) => name),
  );
}

/** Makes the windows of a collection those of the file. */
export async function putWindows(
  api: ApiClient,
  collection: string,
  { wanted, now }: { readonly wanted: Wanted; readonly now: Now },
): Promise<void> {
  for (const each of wanted) {
    const there = now.find(({ name }) => key(name) === key(each.name));
    if (there === undefined)
      await api.call('POST', '/maintenance-windows', WindowView, { json: { collection, ...each } });
    else if (differencesOf(settingsOf(there), each).length > 0)
      await api.call('PUT', `/maintenance-windows/${there.id}`, WindowView, { json: each });
  }
  const names = new Set(wanted.map(({ name }) => key(name)));
  for (const { id, name } of now)
    if (!names.has(key(name))) await api.call('DELETE', `/maintenance-windows/${id}`, z.unknown());
}

/** A window without what only the server knows. */
function settingsOf({ id: _id, collection: _on, rule: _rule, next: _next, ...own }: WindowView) {
  return { ...own, recurrence: Recurrence.parse(own.recurrence) };
}
