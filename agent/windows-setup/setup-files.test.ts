import { describe, expect, it } from 'vitest';
import type { FileChange } from '../sequence/windows-capability.ts';
import { ANSWER_FILE } from './places.ts';
import { answerFileChanges, restoreChanges, scriptChanges, setupScripts } from './setup-files.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A volume of files, as the platform changes one. */
function apply(files: Map<string, string>, changes: readonly FileChange[]) {
  for (const change of changes)
    if (change.kind === 'write') files.set(change.path, new TextDecoder().decode(change.bytes));
    else if (change.kind === 'remove') files.delete(change.path);
    else {
      const moved = files.get(change.from);
      if (moved === undefined) continue;
      files.delete(change.from);
      files.set(change.to, moved);
    }
}

describe('M53 files of a new Windows', () => {
  const [complete] = setupScripts;
  const { path, keptPath } = complete.script;
  const found = (files: Map<string, string>) => {
    const text = files.get(path);
    return text === undefined ? null : bytes(text);
  };

  it('keeps the script of the image, and puts it back at the end', () => {
    const files = new Map([[path, 'echo own']]);
    const all = scriptChanges(complete, found(files));
    apply(files, all.slice(0, 1)); // the power goes here
    apply(files, scriptChanges(complete, found(files)));
    apply(files, scriptChanges(complete, found(files)));
    expect(files.get(path)).toBe(complete.text);
    expect(files.get(keptPath)).toBe('echo own');
    apply(files, restoreChanges(complete.script, found(files)));
    expect(files).toEqual(new Map([[path, 'echo own']]));
    // Once more: what is there is not ours.
    apply(files, restoreChanges(complete.script, found(files)));
    expect(files).toEqual(new Map([[path, 'echo own']]));
  });

  it('leaves nothing behind where the image had no script', () => {
    const files = new Map<string, string>();
    apply(files, scriptChanges(complete, null));
    apply(files, restoreChanges(complete.script, found(files)));
    expect(files.size).toBe(0);
  });

  it('leaves one answer file: of the others none is taken for it', () => {
    const places = ['\\Windows\\Panther\\unattend.xml', '\\unattend.xml', ANSWER_FILE];
    const files = new Map(places.map((each) => [each, 'old']));
    apply(files, answerFileChanges('new'));
    expect(files).toEqual(new Map([[ANSWER_FILE, 'new']]));
  });
});
