import { useSyncExternalStore } from 'react';

/** A value that lives outside React, and who is told when it is another one. */
export interface Store<Value> {
  readonly get: () => Value;
  readonly set: (value: Value) => void;
  readonly subscribe: (listener: () => void) => () => void;
}

/** Makes a store. The same value again tells nobody. */
export function createStore<Value>(initial: Value): Store<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The value of a store, or a part of it: the component is drawn again only when that part is another one. */
export function useStore<Value, Part = Value>(
  store: Store<Value>,
  part: (value: Value) => Part = (value) => value as unknown as Part,
): Part {
  return useSyncExternalStore(store.subscribe, () => part(store.get()));
}
