import { getRawAsset, isSea } from 'node:sea';
import type { ScriptLibrary } from './com-registration.ts';

/** Names that the build (`scripts/agent-build`) gives them in the executable. */
const assets = [
  { view: '64', name: 'metalwright-ts-x64.dll' },
  { view: '32', name: 'metalwright-ts-x86.dll' },
] as const;

/** What the packaged agent has inside; an agent that runs from its sources has none. */
export function embeddedLibraries(): readonly ScriptLibrary[] {
  if (!isSea()) return [];
  return assets.map(({ view, name }) => ({ view, bytes: new Uint8Array(getRawAsset(name)) }));
}
