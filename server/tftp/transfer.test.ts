import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negotiate } from './negotiate.ts';
import {
  initialTransfer,
  reduce,
  type TransferAction,
  type TransferEvent,
  type TransferState,
} from './transfer.ts';

const ack = (block: number): TransferEvent => ({ kind: 'packet', packet: { op: 'ack', block } });
const start: TransferEvent = { kind: 'start' };
const timeout: TransferEvent = { kind: 'timeout' };

/** Feeds events and shows what was done: `oack`, `1-4` (blocks), `error 4`, `over finished`. */
function run(options: Record<string, string>, sizeBytes: number, ...events: TransferEvent[]) {
  let state = initialTransfer(negotiate(new Map(Object.entries(options)), sizeBytes));
  const log: string[] = [];
  const waits: number[] = [];
  let reason = '';
  for (const event of events) {
    const step = reduce(state, event);
    state = step.state;
    for (const action of step.actions) {
      if (action.kind === 'wait') waits.push(action.ms);
      else log.push(show(action));
      if (action.kind === 'over') reason = action.reason;
    }
  }
  return { log, waits, reason, state };
}

function show(action: Exclude<TransferAction, { kind: 'wait' }>): string {
  switch (action.kind) {
    case 'send':
      return action.packet.op === 'error' ? `error ${action.packet.code}` : action.packet.op;
    case 'send-blocks':
      return `${action.first}-${action.last}`;
    case 'over':
      return `over ${action.outcome} ${action.bytes}`;
  }
}

describe('M51 the course of a transfer', () => {
  it('without options starts with DATA 1 and ends with the ACK of the short block', () => {
    const { log } = run({}, 700, start, ack(1), ack(2));
    expect(log).toEqual(['1-1', '2-2', 'over finished 700']);
  });

  it('ends with an empty block where the size is a multiple', () => {
    const { log } = run({}, 1024, start, ack(1), ack(2), ack(3));
    expect(log).toEqual(['1-1', '2-2', '3-3', 'over finished 1024']);
  });

  it('sends an empty file as one empty block', () => {
    expect(run({}, 0, start, ack(1)).log).toEqual(['1-1', 'over finished 0']);
  });

  it('with options waits for the ACK of the OACK', () => {
    const { log } = run({ blksize: '1468' }, 1500, start, ack(0), ack(1), ack(2));
    expect(log).toEqual(['oack', '1-1', '2-2', 'over finished 1500']);
  });

  it('sends windows, and from the gap on when a block was lost', () => {
    const options = { windowsize: '4' };
    const { log } = run(options, 512 * 9, start, ack(0), ack(4), ack(6), ack(10));
    expect(log).toEqual(['oack', '1-4', '5-8', '7-10', 'over finished 4608']);
  });

  it('takes ERROR 8 after the size question for an answer, not a failure', () => {
    const error = { op: 'error', code: 8, message: 'User aborted' } as const;
    const { log, reason } = run({ tsize: '0' }, 5000, start, { kind: 'packet', packet: error });
    expect(log).toEqual(['oack', 'over finished 0']);
    expect(reason).toBe('The client only asked for the size.');
  });

  it('says how a client gave up in the middle', () => {
    const error = { op: 'error', code: 3, message: 'Disk full' } as const;
    const { log, reason } = run({}, 5000, start, ack(1), { kind: 'packet', packet: error });
    expect(log.at(-1)).toBe('over failed 512');
    expect(reason).toBe('The client ended it with ERROR 3 "Disk full".');
  });
});

describe('M51 loss and duplicates', () => {
  it('resends the OACK when it or its ACK is lost, and when the request is repeated', () => {
    const again: TransferEvent = { kind: 'requested-again' };
    expect(run({ tsize: '0' }, 5, start, timeout, again, ack(0)).log).toEqual([
      'oack',
      'oack',
      'oack',
      '1-1',
    ]);
  });

  it('does not answer a duplicate ACK in lock-step (the Sorcerer’s Apprentice)', () => {
    const { log } = run({}, 5000, start, ack(1), ack(1), ack(1), ack(2), ack(1), ack(2));
    expect(log).toEqual(['1-1', '2-2', '3-3']);
  });

  it('answers a windowed ACK that brings nothing new once only', () => {
    const { log } = run({ windowsize: '2' }, 5000, start, ack(0), ack(0), ack(0), ack(0), ack(2));
    expect(log).toEqual(['oack', '1-2', '1-2', '3-4']);
  });

  it('ignores ACKs of blocks that were never sent', () => {
    expect(run({}, 5000, start, ack(2), ack(60000)).log).toEqual(['1-1']);
  });

  it('waits longer each time and gives up with a reason', () => {
    const tries = Array.from({ length: 6 }, () => timeout);
    const { log, waits, reason, state } = run({}, 5000, start, ack(1), ...tries);
    expect(waits).toEqual([1000, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(log.at(-1)).toBe('over failed 512');
    expect(reason).toBe('No answer to block 2 of 10 after 6 tries.');
    expect(reduce(state, ack(2)).actions).toEqual([]);
  });

  it('is patient again after an answer', () => {
    const { waits } = run({}, 5000, start, timeout, timeout, ack(1), timeout);
    expect(waits).toEqual([1000, 2000, 4000, 1000, 2000]);
  });

  it('sends nothing a third time for the ACK that a repeated window draws', () => {
    const acks = [ack(2), ack(6), ack(10)];
    const { log } = run({ windowsize: '4' }, 512 * 99, start, ack(0), timeout, ...acks);
    expect(log).toEqual(['oack', '1-4', '1-4', '5-6', '7-10', '11-14']);
  });

  it('sends in smaller bursts after each silence, and keeps to it', () => {
    const { state } = run({ windowsize: '16' }, 512 * 99, start, ack(0), ack(12), timeout, ack(28));
    expect(state.burst).toBe(8);
    expect(run({ windowsize: '16' }, 512 * 99, start, ack(0), ack(16), ack(32)).state.burst).toBe(
      16,
    );
    expect(run({}, 5000, start, timeout, timeout).state.burst).toBe(1);
  });

  it('ends with ERROR 4 when DATA comes from the client', () => {
    const data = { op: 'data', block: 1, payload: new Uint8Array() } as const;
    const { log } = run({}, 5000, start, { kind: 'packet', packet: data });
    expect(log).toEqual(['1-1', 'error 4', 'over failed 0']);
  });
});

/** A receiver as RFC 1350 and RFC 7440 have it: keeps blocks in order, acknowledges windows and gaps. */
class Receiver {
  received = 0;
  readonly #windowSize: number;
  #inWindow = 0;
  constructor(windowSize: number) {
    this.#windowSize = windowSize;
  }
  /** The block number to acknowledge, if any. */
  take(wireBlock: number, isLast: boolean): number | undefined {
    if (wireBlock !== ((this.received + 1) & 0xffff)) {
      this.#inWindow = 0;
      return this.received & 0xffff;
    }
    this.received += 1;
    this.#inWindow += 1;
    if (this.#inWindow < this.#windowSize && !isLast) return undefined;
    this.#inWindow = 0;
    return this.received & 0xffff;
  }
}

describe('M51 a network that drops, duplicates and reorders', () => {
  /** `fate` decides each packet: 0-5 arrives, 6 dropped, 7 twice, 8 held behind the next one. */
  function simulate(sizeBytes: number, windowSize: number, fates: readonly number[]) {
    const options = new Map([['windowsize', String(windowSize)]]);
    let state: TransferState = initialTransfer(negotiate(options, sizeBytes));
    const receiver = new Receiver(windowSize);
    let toServer: number[] = [];
    let toClient: number[] = [];
    let fateAt = 0;
    let sentBlocks = 0;
    const post = (queue: number[], value: number): number[] => {
      const fate = fates[fateAt++ % fates.length] ?? 0;
      if (fate === 6) return queue;
      if (fate === 7) return [...queue, value, value];
      const before = queue.at(-1);
      if (fate === 8 && before !== undefined) return [...queue.slice(0, -1), value, before];
      return [...queue, value];
    };
    const feed = (event: TransferEvent): void => {
      const step = reduce(state, event);
      state = step.state;
      for (const action of step.actions) {
        if (action.kind === 'send' && action.packet.op === 'oack') toClient = post(toClient, -1);
        if (action.kind !== 'send-blocks') continue;
        for (let block = action.first; block <= action.last; block += 1) {
          sentBlocks += 1;
          toClient = post(toClient, block);
        }
      }
    };
    feed(start);
    for (let turn = 0; turn < 3000 && state.phase !== 'over'; turn += 1) {
      const arrived = toClient;
      toClient = [];
      for (const block of arrived) {
        const answer = block === -1 ? 0 : receiver.take(block & 0xffff, block === state.lastBlock);
        if (answer !== undefined && (block !== -1 || receiver.received === 0)) {
          toServer = post(toServer, answer);
        }
      }
      const acks = toServer;
      toServer = [];
      for (const block of acks) feed(ack(block));
      if (arrived.length === 0 && acks.length === 0) feed(timeout);
    }
    return { state, received: receiver.received, sentBlocks };
  }

  const lossy = fc.array(fc.nat(8), { minLength: 50, maxLength: 200 });

  it('brings the whole file, or gives up with a reason', () => {
    fc.assert(
      fc.property(fc.nat(40_000), fc.integer({ min: 1, max: 16 }), lossy, (size, window, fates) => {
        const { state, received } = simulate(size, window, fates);
        expect(state.phase).toBe('over');
        const gaveUp = state.missedAnswers > 0;
        expect(gaveUp || received === state.lastBlock).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('always brings the whole file when nothing is lost, however it is duplicated and reordered', () => {
    const disordered = fc.array(fc.constantFrom(0, 0, 0, 7, 8), { minLength: 50, maxLength: 200 });
    fc.assert(
      fc.property(
        fc.nat(40_000),
        fc.integer({ min: 1, max: 16 }),
        disordered,
        (size, window, fates) => {
          const { state, received } = simulate(size, window, fates);
          expect(received).toBe(state.lastBlock);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('sends each block about once on a clean network, and a bounded number when every packet comes twice', () => {
    expect(simulate(50_000, 4, [0]).sentBlocks).toBe(98);
    expect(simulate(50_000, 1, [7]).sentBlocks).toBeLessThanOrEqual(98);
    // Each duplicated block of a window draws an ACK, each ACK one window at most: bounded, no avalanche.
    expect(simulate(50_000, 4, [7]).sentBlocks).toBeLessThanOrEqual(98 * 2 * 4);
  });
});

describe('M51 rollover', () => {
  it('goes on past block 65535, which is followed by 0', () => {
    const lastBlock = 65_536 * 2 + 10;
    let state = initialTransfer(negotiate(new Map([['blksize', '8']]), 8 * (lastBlock - 1)));
    expect(state.lastBlock).toBe(lastBlock);
    state = reduce(state, start).state;
    state = reduce(state, ack(0)).state;
    for (let block = 1; block <= lastBlock; block += 1)
      state = reduce(state, ack(block & 0xffff)).state;
    expect(state).toMatchObject({ phase: 'over', acknowledged: lastBlock });
  });

  it('counts windows across the rollover', () => {
    const options = { blksize: '8', windowsize: '64' };
    const settings = negotiate(new Map(Object.entries(options)), 8 * 70_000);
    let state: TransferState = { ...initialTransfer(settings), phase: 'sending' };
    state = reduce({ ...state, acknowledged: 65_500, sent: 65_564 }, ack(65_540 & 0xffff)).state;
    expect(state.acknowledged).toBe(65_540);
    expect(reduce(state, ack(65_530)).actions).toEqual([]);
  });

  it('holds for a file past 4 GiB', () => {
    const settings = negotiate(new Map([['blksize', '1468']]), 5 * 2 ** 30);
    const sending: TransferState = { ...initialTransfer(settings), phase: 'sending' };
    const near = sending.lastBlock - 1;
    const last = reduce({ ...sending, acknowledged: near - 1, sent: near }, ack(near & 0xffff));
    expect(last.actions[0]).toMatchObject({ kind: 'send-blocks', first: near + 1, last: near + 1 });
    const over = reduce(last.state, ack((near + 1) & 0xffff));
    expect(over.actions).toContainEqual(
      expect.objectContaining({ kind: 'over', outcome: 'finished', bytes: 5 * 2 ** 30 }),
    );
  });
});
