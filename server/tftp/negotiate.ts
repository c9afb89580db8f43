import type { TftpOptions } from './packet.ts';

/** What a transfer runs with. */
export interface TransferSettings {
  readonly sizeBytes: number;
  readonly blockSize: number;
  readonly windowSize: number;
  /** First wait for an answer; doubled with each one missed. */
  readonly timeoutMs: number;
  /** Options agreed to, for the OACK; none means that DATA 1 is the answer. */
  readonly agreed: TftpOptions;
}

const DEFAULT_BLOCK_SIZE = 512;
const DEFAULT_TIMEOUT_MS = 1000;
/** More blocks in flight gain nothing on a LAN, and each lost one costs a window. */
const LARGEST_WINDOW = 64;

/**
 * Answers the options of a read request: blksize (RFC 2348), tsize and timeout (RFC 2349), windowsize
 * (RFC 7440). An option with a value outside its range is left out of the OACK, like an unknown one.
 */
export function negotiate(requested: TftpOptions, sizeBytes: number): TransferSettings {
  const agreed = new Map<string, string>();
  const settings = { blockSize: DEFAULT_BLOCK_SIZE, windowSize: 1, timeoutMs: DEFAULT_TIMEOUT_MS };
  for (const [name, text] of requested) {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (name === 'blksize' && value >= 8) {
      settings.blockSize = Math.min(value, 65_464);
      agreed.set(name, String(settings.blockSize));
    } else if (name === 'tsize' && value >= 0) {
      agreed.set(name, String(sizeBytes));
    } else if (name === 'timeout' && value >= 1 && value <= 255) {
      settings.timeoutMs = value * 1000;
      agreed.set(name, text);
    } else if (name === 'windowsize' && value >= 1 && value <= 65_535) {
      settings.windowSize = Math.min(value, LARGEST_WINDOW);
      agreed.set(name, String(settings.windowSize));
    }
  }
  return { ...settings, sizeBytes, agreed };
}
