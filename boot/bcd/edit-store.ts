import { BcdError } from './bcd-error.ts';
import { bcdObject, type Setting } from './bcd-object.ts';
import type { BcdValue } from './element-value.ts';
import { objectType, wellKnown } from './object-kinds.ts';
import { type BcdElement, type BcdStore, inOrder } from './store.ts';
import { type WindowsPe, windowsPeObjects } from './windows-pe.ts';

/**
 * The store with Windows PE as what starts next, and only next: the boot manager drops its boot sequence
 * once it has read it. What started before stays the default. An earlier entry of the same GUIDs is replaced.
 * @throws {BcdError} `bcd.object` for a store without a boot manager, and as `windowsPeObjects`
 */
export function withStagedWindowsPe(store: BcdStore, pe: WindowsPe): BcdStore {
  const added = windowsPeObjects(pe);
  const ids = new Set(added.map(({ id }) => id));
  const objects = [...store.objects.filter(({ id }) => !ids.has(id)), ...added];
  const [loader] = added;
  return withBootManager(inOrder({ ...store, objects }), { bootsequence: [loader.id] });
}

/** The store with other settings of its boot manager; the ones that are not named stay. @throws {BcdError} `bcd.object`, `bcd.setting` */
export function withBootManager(
  store: BcdStore,
  settings: Readonly<Record<string, Setting>>,
): BcdStore {
  const bootManager = store.objects.find(({ id }) => id === wellKnown.bootmgr);
  if (bootManager === undefined)
    throw new BcdError('bcd.object', 'The store has no boot manager ({bootmgr})');
  const changed = bcdObject(wellKnown.bootmgr, objectType.bootmgr, settings).elements;
  const ids = new Set(changed.map(({ id }) => id));
  const elements = [...bootManager.elements.filter(({ id }) => !ids.has(id)), ...changed];
  elements.sort((a, b) => a.id - b.id);
  return inOrder({
    ...store,
    objects: [
      ...store.objects.filter((object) => object !== bootManager),
      { ...bootManager, elements },
    ],
  });
}

/**
 * The store without some objects and without what names them, so that nothing points at them: a
 * setting that is only about them goes too. For taking staged entries out again.
 */
export function withoutObjects(store: BcdStore, ids: readonly string[]): BcdStore {
  const gone = new Set(ids);
  const kept = store.objects.filter(({ id }) => !gone.has(id));
  const objects = kept.map((object) => ({
    ...object,
    elements: object.elements.flatMap(({ id, value }): BcdElement[] => {
      const rest = withoutReferences(value, gone);
      return rest === undefined ? [] : [{ id, value: rest }];
    }),
  }));
  return { ...store, objects };
}

function withoutReferences(value: BcdValue, gone: ReadonlySet<string>): BcdValue | undefined {
  if (value.kind === 'object') return gone.has(value.object) ? undefined : value;
  if (value.kind === 'device')
    return value.device.kind === 'ramdisk' && gone.has(value.device.options) ? undefined : value;
  if (value.kind !== 'objects') return value;
  const objects = value.objects.filter((id) => !gone.has(id));
  return objects.length === 0 && value.objects.length > 0 ? undefined : { ...value, objects };
}
