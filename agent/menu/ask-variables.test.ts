import { expect, it } from 'vitest';
import { askVariables } from './ask-variables.ts';

/** Terminals on which texts are typed, and what they have shown. */
function fakeTerminals() {
  const shown: string[] = [];
  const listeners: ((text: string) => void)[] = [];
  return {
    shown,
    type: (text: string) => listeners.at(-1)?.(text),
    terminals: {
      setOverlay: (lines: readonly string[] | undefined) =>
        void shown.push((lines ?? ['(nothing)']).join(' ')),
      takeInput(listener: (text: string) => void) {
        listeners.push(listener);
        return { [Symbol.dispose]: () => void listeners.splice(listeners.indexOf(listener), 1) };
      },
    },
  };
}
const asks = [
  { name: 'Site', secret: false },
  { name: 'Room', secret: false },
  { name: 'JoinPassword', secret: true },
];
const { signal } = new AbortController();
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('M12 asks one after the other, shows no secret, and leaves out what is left empty', async () => {
  const { terminals, shown, type } = fakeTerminals();
  const typed = askVariables(terminals, asks, { signal });
  type('Vienx');
  type('\u007F');
  type('na\r');
  await turn();
  type('\r');
  await turn();
  type('geheim');
  type('\r');
  expect(await typed).toEqual([
    { name: 'Site', value: 'Vienna' },
    { name: 'JoinPassword', value: 'geheim' },
  ]);
  expect(shown.join('\n')).toContain('Site (1 of 3; Enter: none, Escape: back): Vien_');
  expect(shown.join('\n')).toContain('******_');
  expect(shown.join('\n')).not.toContain('geheim');
  expect(shown.at(-1)).toBe('(nothing)');
});

it('goes back to the menu by Escape, after a while without a key, and when the agent is stopped', async () => {
  const first = fakeTerminals();
  const left = askVariables(first.terminals, asks, { signal });
  first.type('Vienna\r');
  await turn();
  first.type('\u001B');
  expect(await left).toBeUndefined();
  expect(
    await askVariables(fakeTerminals().terminals, asks, { signal, againMs: 1 }),
  ).toBeUndefined();
  const stop = new AbortController();
  const stopped = askVariables(fakeTerminals().terminals, asks, { signal: stop.signal });
  stop.abort(new Error('stopped'));
  await expect(stopped).rejects.toThrow('stopped');
});
