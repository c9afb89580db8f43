import type { TransferSettings } from './negotiate.ts';
import { type TftpPacket, tftpError } from './packet.ts';

/**
 * Sending one file, as a pure state machine (RFC 1350, RFC 2347, RFC 7440). Blocks are counted from 1
 * without end; on the wire a number is cut to 16 bits, so that 65,536 travels as 0.
 */
export interface TransferState {
  readonly phase: 'negotiating' | 'sending' | 'over';
  readonly settings: TransferSettings;
  /** The last block has less than `blockSize` bytes, perhaps none. */
  readonly lastBlock: number;
  readonly acknowledged: number;
  readonly sent: number;
  /** An ACK that brought nothing new was answered with the window once; see `onAck`. */
  readonly repeatedFor: number;
  readonly missedAnswers: number;
  /** A window was sent again, so the ACK of its middle may be about the blocks that came twice. */
  readonly sentAgain: boolean;
  /**
   * Blocks sent without a pause. A window may be more than the client's or a switch's buffer holds; the
   * client cannot be told a smaller one any more, but it can be sent in smaller bursts: half as many
   * after each silence, which is what the loss of a window's end looks like, and costs a second.
   */
  readonly burst: number;
}

export type TransferEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'packet'; readonly packet: TftpPacket }
  /** The client sent its read request again: the OACK (or DATA 1) may be lost. */
  | { readonly kind: 'requested-again' }
  | { readonly kind: 'timeout' };

export type TransferAction =
  | { readonly kind: 'send'; readonly packet: TftpPacket }
  | {
      readonly kind: 'send-blocks';
      readonly first: number;
      readonly last: number;
      readonly burst: number;
    }
  /** Replaces the timer that runs. */
  | { readonly kind: 'wait'; readonly ms: number }
  | {
      readonly kind: 'over';
      readonly outcome: 'finished' | 'failed';
      readonly bytes: number;
      readonly reason: string;
      /** The client fell silent, or would not have the options: it may manage less. */
      readonly mayManageLess: boolean;
    };

interface Step {
  readonly state: TransferState;
  readonly actions: readonly TransferAction[];
}

/** Answers missed in a row before the client counts as gone: 1, 2, 4, 8, 8, 8 seconds by default. */
const PATIENCE = 6;
const LONGEST_WAIT_MS = 8000;

/** The state before `start`. */
export function initialTransfer(settings: TransferSettings): TransferState {
  return {
    phase: settings.agreed.size > 0 ? 'negotiating' : 'sending',
    settings,
    lastBlock: Math.floor(settings.sizeBytes / settings.blockSize) + 1,
    acknowledged: 0,
    sent: 0,
    repeatedFor: -1,
    missedAnswers: 0,
    sentAgain: false,
    burst: settings.windowSize,
  };
}

/** What happens next. Once over, every event is answered by nothing. */
export function reduce(state: TransferState, event: TransferEvent): Step {
  if (state.phase === 'over') return { state, actions: [] };
  switch (event.kind) {
    case 'start':
      return state.phase === 'negotiating' ? sendOack(state) : sendWindow(state);
    case 'requested-again':
      return state.acknowledged > 0 ? { state, actions: [] } : sendAgain(state);
    case 'timeout':
      return onTimeout(state);
    case 'packet':
      return onPacket(state, event.packet);
  }
}

function onPacket(state: TransferState, packet: TftpPacket): Step {
  switch (packet.op) {
    case 'ack':
      return onAck(state, packet.block);
    case 'error':
      return onError(state, packet);
    case 'rrq':
    case 'wrq':
    case 'data':
    case 'oack': {
      const message = `${packet.op.toUpperCase()} in the middle of a read`;
      const refusal = { op: 'error', code: tftpError.illegalOperation, message } as const;
      const over = end(state, 'failed', `The client sent ${message}.`);
      return { ...over, actions: [{ kind: 'send', packet: refusal }, ...over.actions] };
    }
  }
}

function onAck(state: TransferState, wireBlock: number): Step {
  if (state.phase === 'negotiating') {
    return wireBlock === 0 ? sendWindow({ ...state, phase: 'sending' }) : { state, actions: [] };
  }
  const block = absoluteBlock(state, wireBlock);
  if (block === undefined) return { state, actions: [] };
  if (block > state.acknowledged) {
    const moved = { ...state, acknowledged: block, missedAnswers: 0, sentAgain: false };
    // The client had these blocks, says so when they come again, and the rest is under way to it: only
    // what its new window has beyond that is sent, or all that follows would come twice.
    if (state.sentAgain && block < state.sent) return sendWindow(moved, state.sent + 1);
    return block === state.lastBlock
      ? end(moved, 'finished', 'The client has the whole file.')
      : sendWindow(moved);
  }
  // Nothing new. In lock-step it is ignored: answering it is the Sorcerer's Apprentice, which doubles
  // all traffic from here on (RFC 1123, 4.2.3.1). With a window it says that the window's first block
  // is missing (RFC 7440, section 4): sent again, but once only, or a duplicate would do the same.
  if (state.settings.windowSize === 1 || state.repeatedFor === block) return { state, actions: [] };
  return sendWindow({ ...state, repeatedFor: block, sentAgain: true });
}

/** The block in flight, or the last one acknowledged, whose low 16 bits these are. */
function absoluteBlock(
  { acknowledged, sent }: TransferState,
  wireBlock: number,
): number | undefined {
  const block = acknowledged + ((wireBlock - acknowledged) & 0xffff);
  return block <= sent ? block : undefined;
}

function onError(state: TransferState, { code, message }: { code: number; message: string }): Step {
  if (state.phase === 'negotiating' && !state.settings.agreed.has('tsize'))
    return end(
      state,
      'failed',
      `The client refuses the options: ERROR ${code} "${message}".`,
      true,
    );
  // Firmware asks for the size first (`tsize`), takes it from the OACK and then says ERROR 8.
  return state.phase === 'negotiating'
    ? end(state, 'finished', 'The client only asked for the size.')
    : end(state, 'failed', `The client ended it with ERROR ${code} "${message}".`);
}

function onTimeout(state: TransferState): Step {
  const missedAnswers = state.missedAnswers + 1;
  if (missedAnswers < PATIENCE) return sendAgain({ ...state, missedAnswers });
  const where =
    state.phase === 'negotiating' ? 'the OACK' : `block ${state.sent} of ${state.lastBlock}`;
  return end(state, 'failed', `No answer to ${where} after ${PATIENCE} tries.`, true);
}

function sendAgain(state: TransferState): Step {
  if (state.phase === 'negotiating') return sendOack(state);
  const burst = Math.max(1, Math.floor(state.burst / 2));
  return sendWindow({ ...state, burst, sentAgain: true });
}

function sendOack(state: TransferState): Step {
  const packet = { op: 'oack', options: state.settings.agreed } as const;
  return { state, actions: [{ kind: 'send', packet }, waitFor(state)] };
}

function sendWindow(state: TransferState, first = state.acknowledged + 1): Step {
  const last = Math.min(state.acknowledged + state.settings.windowSize, state.lastBlock);
  const sent = Math.max(state.sent, last);
  if (first > last) return { state, actions: [waitFor(state)] };
  return {
    state: { ...state, sent },
    actions: [{ kind: 'send-blocks', first, last, burst: state.burst }, waitFor(state)],
  };
}

function waitFor({ settings, missedAnswers }: TransferState): TransferAction {
  const longest = Math.max(LONGEST_WAIT_MS, settings.timeoutMs);
  return { kind: 'wait', ms: Math.min(settings.timeoutMs * 2 ** missedAnswers, longest) };
}

function end(
  state: TransferState,
  outcome: 'finished' | 'failed',
  reason: string,
  mayManageLess = false,
): Step {
  const { blockSize, sizeBytes } = state.settings;
  const bytes = Math.min(state.acknowledged * blockSize, sizeBytes);
  return {
    state: { ...state, phase: 'over' },
    actions: [{ kind: 'over', outcome, bytes, reason, mayManageLess }],
  };
}
