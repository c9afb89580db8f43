/**
 * The four functions of the abandoned metadata proposal that tsyringe, inside @peculiar/x509, looks for
 * when it is loaded. It keeps what its own decorators say; nothing of ours reads it. Must be imported
 * before `@peculiar/x509`.
 */
const kept = new WeakMap<object, Map<unknown, unknown>>();

const functions = {
  defineMetadata(key: unknown, value: unknown, target: object): void {
    const own = kept.get(target) ?? new Map<unknown, unknown>();
    kept.set(target, own.set(key, value));
  },
  getOwnMetadata(key: unknown, target: object): unknown {
    return kept.get(target)?.get(key);
  },
  getMetadata(key: unknown, target: object): unknown {
    for (let at: object | null = target; at !== null; at = Reflect.getPrototypeOf(at)) {
      const own = kept.get(at);
      if (own?.has(key) === true) return own.get(key);
    }
    return undefined;
  },
  hasOwnMetadata(key: unknown, target: object): boolean {
    return kept.get(target)?.has(key) ?? false;
  },
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, functions);
