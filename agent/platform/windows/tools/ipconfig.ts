import { StepError } from '../../../sequence/step-error.ts';
import { type LabelledLine, labelledBlocks } from './labelled-lines.ts';
import { excerpt, toolLines } from './tool-lines.ts';

/** One adapter of `ipconfig /all`. */
export interface PrintedAdapter {
  /** Heading in the language of the installation: `Ethernet adapter Ethernet 2`. */
  readonly title: string;
  /** `f8:e4:3b:ad:f2:6d`; null where it has none, as of a tunnel. */
  readonly mac: string | null;
  readonly ipv4: readonly { readonly address: string; readonly mask: string }[];
  readonly ipv6: readonly string[];
}

const MAC = /^(?:[0-9A-F]{2}-){5}[0-9A-F]{2}$/;
const IPV4 = /^((?:\d{1,3}\.){3}\d{1,3})(?:\s?\(.*\))?$/;
const IPV6 = /^([0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?:%\d+)?\(.*\)$/i;

/**
 * Reads `ipconfig /all` in any language: an adapter is a heading that ends in a colon and the list behind an
 * empty line. Its own addresses have a remark in brackets (`(Preferred)`), which DNS servers have not; an IPv4
 * address is followed by its mask. @throws {StepError} `ipconfig.output`, `tool.output-size`
 */
export function parseIpconfig(output: string): PrintedAdapter[] {
  const adapters: PrintedAdapter[] = [];
  let title: string | undefined;
  for (const { lines } of labelledBlocks(toolLines(output, 'ipconfig'))) {
    const [first] = lines;
    if (lines.length === 1 && first?.value === '') title = first.label;
    else if (title !== undefined && first) {
      adapters.push({ title, ...addressesOf(lines) });
      title = undefined;
    }
  }
  if (adapters.length === 0)
    throw new StepError(
      'ipconfig.output',
      `Cannot read what ipconfig printed: no adapter in "${excerpt(output.trim().slice(0, 200))}"`,
    );
  return adapters;
}

function addressesOf(lines: readonly LabelledLine[]): Omit<PrintedAdapter, 'title'> {
  const ipv4: { address: string; mask: string }[] = [];
  const ipv6: string[] = [];
  for (const [at, { value, more }] of lines.entries()) {
    const address = IPV4.exec(value)?.[1];
    const mask = IPV4.exec(lines[at + 1]?.value ?? '')?.[1];
    if (address !== undefined && mask !== undefined && isMask(mask)) ipv4.push({ address, mask });
    for (const text of [value, ...more]) {
      const found = IPV6.exec(text)?.[1];
      if (found !== undefined) ipv6.push(found.toLowerCase());
    }
  }
  const mac = lines.map(({ value }) => value).find((value) => MAC.test(value));
  return { mac: mac?.toLowerCase().replaceAll('-', ':') ?? null, ipv4, ipv6 };
}

/** Ones, then zeros, and not all zeros. */
function isMask(text: string): boolean {
  const bits = text
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1+0*$/.test(bits) && bits.length === 32;
}
