/** The words of a comparison, as Configuration Manager writes them. */
export const comparisonOperators = [
  'equals',
  'notEquals',
  'less',
  'lessEqual',
  'greater',
  'greaterEqual',
] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

/** Whether a difference, negative, zero or positive, is what an operator wants. */
export const decides: Record<ComparisonOperator, (difference: number) => boolean> = {
  equals: (difference) => difference === 0,
  notEquals: (difference) => difference !== 0,
  less: (difference) => difference < 0,
  lessEqual: (difference) => difference <= 0,
  greater: (difference) => difference > 0,
  greaterEqual: (difference) => difference >= 0,
};

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?$/;

/** Negative, zero or positive. As numbers of any length when both are numbers, else as text without case. */
export function compareTexts(left: string, right: string): number {
  const [one, other] = [decimalOf(left), decimalOf(right)];
  if (one !== undefined && other !== undefined) return compareDecimals(one, other);
  return order(left.toLowerCase(), right.toLowerCase());
}

interface Decimal {
  readonly isNegative: boolean;
  /** Digits without leading, and without trailing zeros. */
  readonly whole: string;
  readonly fraction: string;
}

function decimalOf(text: string): Decimal | undefined {
  const [, sign, digits, decimals = ''] = NUMBER.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  const whole = digits.slice(zerosFrom(digits, 0, 1));
  const fraction = decimals.slice(
    0,
    decimals.length - zerosFrom(decimals, decimals.length - 1, -1),
  );
  return { isNegative: sign === '-' && whole + fraction !== '', whole, fraction };
}

function zerosFrom(digits: string, start: number, step: 1 | -1): number {
  let count = 0;
  while (digits[start + count * step] === '0') count++;
  return count;
}

function compareDecimals(one: Decimal, other: Decimal): number {
  if (one.isNegative !== other.isNegative) return one.isNegative ? -1 : 1;
  const difference =
    one.whole.length - other.whole.length ||
    order(one.whole, other.whole) ||
    order(one.fraction, other.fraction);
  return one.isNegative ? -difference : difference;
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
