import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandPrompt } from '../menu/command-prompt.ts';
import { type Terminal, Terminals } from '../menu/terminals.ts';
import { RunId } from '../protocol/identity.ts';
import type { NextBoot } from '../protocol/run-event.ts';
import { Variables } from '../sequence/variables.ts';
import { SimulatedMachine } from '../simulated-machine/machine.ts';
import { afterRun } from './after-run.ts';

/** The end of a run on a machine in the PE, and what becomes of it. */
class End {
  readonly written: string[] = [];
  readonly restarts: NextBoot[] = [];
  #press: (text: string) => void = () => {};
  readonly #terminals: Terminals;

  constructor() {
    const terminal: Terminal = {
      kind: 'lines',
      columns: 80,
      rows: 25,
      write: (text) => void this.written.push(text),
      onInput: (listener) => (this.#press = listener),
      close() {},
    };
    const header = { server: 's', address: '', serialNumber: '', model: '', deviceName: '' };
    this.#terminals = new Terminals([terminal], header);
  }

  async run(options: {
    readonly succeeded?: boolean;
    readonly attended?: boolean;
    readonly bootable?: boolean;
    readonly values?: Readonly<Record<string, string>>;
    readonly commandPrompt?: CommandPrompt;
    readonly pe?: 'winpe' | 'linux-pe';
  }): Promise<number | string> {
    const { succeeded = false, attended = true, bootable = false, values = {}, pe } = options;
    const platform = new SimulatedMachine({ disks: [], ...(pe === undefined ? {} : { pe }) }).start(
      'pe',
    );
    const restart = async (next: NextBoot): Promise<never> => {
      this.restarts.push(next);
      throw new Error('restarted');
    };
    const changes = Object.entries(values).map(([name, value]) => ({ name, value, secret: false }));
    const ended = afterRun(
      {
        runId: RunId.parse('00000000-0000-4000-8000-000000000000'),
        sequence: 'Install',
        succeeded,
        error: succeeded ? undefined : { code: 'disk.gone', message: 'No disk' },
        variables: Variables.none.setAll(changes),
        ...(options.commandPrompt === undefined ? {} : { commandPrompt: options.commandPrompt }),
      },
      {
        attended,
        platform: {
          ...platform,
          boot: { ...platform.boot, bootable: async () => bootable },
          power: { ...platform.power, restart },
        },
      },
      this.#terminals,
      new AbortController().signal,
    );
    return ended.catch((error: unknown) => String(error));
  }

  pressEnter(): void {
    this.#press('\r');
  }
}

describe('M11 after a run that failed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('the failure is shown for 15 minutes, then the machine restarts', async () => {
    const end = new End();
    const ended = end.run({});
    await vi.advanceTimersByTimeAsync(899_000);
    expect(end.written.join('')).toContain('Restarts in 15 min 0 s. Enter: stay here');
    expect(end.restarts).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await ended).toBe('Error: restarted');
    expect(end.restarts).toEqual(['pe']);
  });

  it('SMSTSErrorDialogTimeout says how long; what was installed is started', async () => {
    const end = new End();
    const ended = end.run({ bootable: true, values: { SMSTSErrorDialogTimeout: '5' } });
    await vi.advanceTimersByTimeAsync(5000);
    await ended;
    expect(end.restarts).toEqual(['disk']);
  });

  it('SMSTSErrorDialogTimeout 0 does not show it', async () => {
    const end = new End();
    await end.run({ values: { SMSTSErrorDialogTimeout: '0' } });
    expect([end.written, end.restarts]).toEqual([[], ['pe']]);
  });

  it('Enter keeps the machine as it is', async () => {
    const end = new End();
    const ended = end.run({});
    end.pressEnter();
    expect(await ended).toBe(1);
    expect(end.restarts).toEqual([]);
  });

  it('Enter keeps Windows PE too, whose end would restart the machine, until Enter again', async () => {
    const end = new End();
    const ended = end.run({ pe: 'winpe' });
    end.pressEnter();
    await vi.advanceTimersByTimeAsync(1000);
    expect(end.written.join('')).toContain('Enter: restart');
    end.pressEnter();
    expect(await ended).toBe(1);
  });

  it('a command prompt that is open holds the restart, another one too', async () => {
    const end = new End();
    let open = 2;
    let isDisposed = false;
    const closing: (() => void)[] = [];
    const ended = end.run({
      values: { SMSTSErrorDialogTimeout: '0' },
      commandPrompt: {
        get isOpen() {
          return open > 0;
        },
        closed: async () => new Promise((resolve) => closing.push(resolve)),
        [Symbol.dispose]: () => {
          isDisposed = true;
        },
      },
    });
    for (const shown of [1, 2]) {
      await vi.advanceTimersByTimeAsync(1000);
      expect(end.written.join('')).toContain('Restarts when the command prompt is closed');
      expect([closing.length, end.restarts]).toEqual([shown, []]);
      open -= 1;
      closing.at(-1)?.();
    }
    expect(await ended).toBe('Error: restarted');
    expect(isDisposed).toBe(true);
  });

  it('with no one there, the agent ends', async () => {
    const end = new End();
    expect(await end.run({ attended: false })).toBe(1);
    expect(end.written.join('')).toContain('disk.gone');
  });
});

describe('after a run that succeeded', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('the machine starts what was installed', async () => {
    const end = new End();
    const ended = end.run({ succeeded: true, bootable: true });
    await vi.advanceTimersByTimeAsync(10_000);
    await ended;
    expect([end.written.join(''), end.restarts]).toEqual([
      expect.stringContaining('DONE'),
      ['disk'],
    ]);
  });
});
