/** Longest `NAME=value` with its NUL that execve takes: 32 pages (linux/binfmts.h, MAX_ARG_STRLEN). */
const MAX_STRING_BYTES = 128 * 1024;
/** Each string has a pointer beside it. */
const POINTER_BYTES = 8;
const SMALLEST_TOTAL_BYTES = 128 * 1024;
/** Three quarters of the default stack: the kernel's limit whatever the stack may be. */
const LARGEST_TOTAL_BYTES = 6 * 1024 * 1024;
/** For the program's name, its interpreter, and what the kernel itself puts there. */
const RESERVED_BYTES = 32 * 1024;

/** An environment that a program can be started with, and the names of what was left out. */
export interface FittedEnvironment {
  readonly environment: Readonly<Record<string, string>>;
  readonly leftOut: readonly string[];
}

/**
 * Leaves out variables with which execve would fail (E2BIG): those too long in themselves, then the
 * biggest until the rest fits; and what is no variable at all to the kernel. Pure.
 * @param totalBytes `environmentBytes` of the process; @param argv counts too
 */
export function fitEnvironment(
  environment: Readonly<Record<string, string>>,
  argv: readonly string[],
  totalBytes: number,
): FittedEnvironment {
  const sized = Object.entries(environment).map(([name, value]) => ({
    name,
    value,
    bytes: Buffer.byteLength(name) + Buffer.byteLength(value) + 2,
  }));
  let left =
    totalBytes -
    RESERVED_BYTES -
    argv.reduce((sum, word) => sum + Buffer.byteLength(word) + 1 + POINTER_BYTES, 0);
  const kept: Record<string, string> = {};
  const leftOut: string[] = [];
  // The small ones first: what no longer fits then are the biggest.
  for (const { name, value, bytes } of sized.sort((one, other) => one.bytes - other.bytes)) {
    const isName = name !== '' && !/[=\0]/.test(name) && !value.includes('\0');
    if (isName && bytes <= MAX_STRING_BYTES && bytes + POINTER_BYTES <= left) {
      kept[name] = value;
      left -= bytes + POINTER_BYTES;
    } else leftOut.push(name);
  }
  return { environment: kept, leftOut };
}

/**
 * Bytes that arguments and environment may have together: a quarter of the stack (execve(2)). Pure.
 * @param limits text of /proc/self/limits
 */
export function environmentBytes(limits: string): number {
  const [, stack] = /^Max stack size\s+(\d+|unlimited)/m.exec(limits) ?? [];
  if (stack === 'unlimited') return LARGEST_TOTAL_BYTES;
  const quarter = Math.floor(Number(stack ?? 0) / 4);
  return Math.min(Math.max(quarter, SMALLEST_TOTAL_BYTES), LARGEST_TOTAL_BYTES);
}
