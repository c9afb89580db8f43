import { InvalidArgumentError } from 'commander';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Reads `90s`, `30m`, `2h`, `7d` as milliseconds. @throws {InvalidArgumentError} */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})\s*([smhd])$/.exec(text.trim());
  const unit = match?.[2];
  if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') {
    return Number(match?.[1]) * unitMs[unit];
  }
  throw new InvalidArgumentError('write a number and a unit: 30m, 2h, 1d');
}

/** Reads a whole number above zero. @throws {InvalidArgumentError} */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('write a whole number above 0');
  return Number(text);
}

/** Reads `eth0,eth1`; blanks and empty entries are dropped. */
export function parseNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Bytes as people read them: `1.5 GB`, decimal as on a disk's label. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** A span of time: `4 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A moment in the local zone, `2026-11-22 08:30:05`. */
export function formatTime(atMs: number): string {
  const date = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
