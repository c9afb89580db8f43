import { describe, expect, it } from 'vitest';
import { checkPassword } from '../protocol/check-password.ts';
import { commandPrompt } from './command-prompt.ts';
import { keys, typeLine } from './keys.ts';
import { Terminals } from './terminals.ts';
import { hashOf } from './testing/hash-of.ts';

const header = { server: 's', address: '', serialNumber: '', model: '', deviceName: '' };

/** A prompt at a machine with one screen; `close` ends the one that is open. */
function machine(right: string) {
  const written: string[] = [];
  const waits: number[] = [];
  const log: string[] = [];
  const menu: string[] = [];
  let type: (text: string) => void = () => {};
  const terminals = new Terminals(
    [
      {
        kind: 'screen',
        columns: 80,
        rows: 25,
        write: (text) => void written.push(text),
        onInput: (listener) => {
          type = listener;
        },
        close() {},
      },
    ],
    header,
  );
  terminals.show({ kind: 'starting', text: 'Something' });
  terminals.onInput((text) => menu.push(text));
  let close = (): void => {};
  let opens = 0;
  const prompt = commandPrompt({
    terminals,
    isRight: async (password) => password === right,
    open: async () =>
      new Promise((resolve) => {
        opens += 1;
        close = resolve;
      }),
    log: (line) => log.push(line),
    wait: async (ms) => void waits.push(ms),
  });
  /** What is shown once all that was typed has had its effect. */
  const typed = async (...texts: readonly string[]): Promise<string> => {
    for (const text of texts) {
      type(text);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return written.at(-1) ?? '';
  };
  return { prompt, typed, log, menu, waits, opens: () => opens, close: () => close() };
}

describe('the command prompt at the machine', () => {
  it('opens with the password of the deployment, which is shown nowhere and chooses nothing', async () => {
    const at = machine('1 secret');
    const asked = await at.typed(keys.f8, '1', ' secretx');
    expect(asked).toContain('Password for the command prompt');
    expect(asked).toContain('*********_');
    expect(asked).not.toContain('secret');
    const opened = await at.typed('\u007F', '\r');
    expect(at.opens()).toBe(1);
    expect(opened).not.toContain('Password');
    expect(at.menu).toEqual([keys.f8]);
    expect(at.prompt.isOpen).toBe(true);
    expect(at.log).toEqual(['A command prompt was opened at the machine']);
  });

  it('wrong passwords make the next try wait, longer each time', async () => {
    const at = machine('right');
    const words = Array.from({ length: 7 }, () => 'wrong\r');
    const shown = await at.typed(keys.f8, ...words);
    expect(shown).toContain('That was not the password.');
    expect(at.waits).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    expect(at.opens()).toBe(0);
    expect(at.log.join()).not.toContain('wrong\r');
    await at.typed('right\r');
    expect(at.opens()).toBe(1);
  });

  it('is left with Escape, and what is typed then goes where it went before', async () => {
    const at = machine('right');
    expect(await at.typed(keys.f8, 'rig', keys.escape)).not.toContain('Password');
    await at.typed('2');
    expect(at.menu).toEqual([keys.f8, '2']);
    expect(at.opens()).toBe(0);
  });

  it('is one at a time, and holds a restart until it is closed', async () => {
    const at = machine('right');
    await at.typed(keys.f8, 'right\r', keys.f8);
    expect(at.opens()).toBe(1);
    let isClosed = false;
    const closed = at.prompt.closed().then(() => {
      isClosed = true;
    });
    await at.typed('x');
    expect(isClosed).toBe(false);
    at.close();
    await closed;
    expect(at.prompt.isOpen).toBe(false);
    await at.typed(keys.f8, 'right\r');
    expect(at.opens()).toBe(2);
  });

  it('answers no key once it is disposed', async () => {
    const at = machine('right');
    at.prompt[Symbol.dispose]();
    expect(await at.typed(keys.f8)).not.toContain('Password');
  });

  it('knows the password by its hash alone, however its letters are composed', async () => {
    const known = hashOf('Schlüssel 1');
    await expect(checkPassword('Schlu\u0308ssel 1', known)).resolves.toBe(true);
    await expect(checkPassword('Schlussel 1', known)).resolves.toBe(false);
    await expect(checkPassword('', known)).resolves.toBe(false);
  });

  it('reads a line by letters, without keys that send sequences', () => {
    expect(typeLine('a', '\u001B[Ab\u001B[19~c')).toEqual({ typed: 'abc' });
    expect(typeLine('aü', '\b')).toEqual({ typed: 'a' });
    expect(typeLine('', 'abc\rrest')).toEqual({ typed: 'abc', end: 'entered' });
    expect(typeLine('abc', '\u001B')).toEqual({ typed: '', end: 'left' });
    expect(typeLine('', 'x'.repeat(300)).typed).toHaveLength(200);
  });
});
