/**
 * The answer that sends a PXE client on to its next boot device at once: a menu whose only entry is boot server
 * type 0, chosen without waiting (PXE 2.1, section 2.2.2 and table 2-1, tags 6, 8-10). Nothing is fetched. Without
 * any answer firmware goes on asking, OVMF for a minute, before it tries its disk.
 */
import { option, options } from './options.ts';
import type { DhcpOption } from './packet.ts';
import type { PxeClient } from './pxe-client.ts';

/** Where there is no boot file, below `/boot/`. */
const NO_FILE = 'start-from-disk';

/**
 * What sends a client on to its disk: of PXE that menu; of HTTP Boot, which has none, the URL of a file that is not
 * there, at which firmware gives up and goes on to what is next in its order. Unanswered it asks for a minute, too.
 */
export function localBoot(
  { vendorClass }: Pick<PxeClient, 'vendorClass'>,
  { address, bootHttp }: { readonly address: string; readonly bootHttp: number },
): DhcpOption {
  return vendorClass === 'HTTPClient'
    ? option(options.bootFile, `http://${address}:${bootHttp}/boot/${NO_FILE}`)
    : localBootMenu();
}

/** PXE_DISCOVERY_CONTROL: neither broadcast nor multicast discovery; there is no boot server to find. */
const NO_DISCOVERY = 0b011;
const LOCAL_BOOT = 0;
const AT_ONCE = 0;

/** Seconds that firmware shows why a machine is refused. */
const REFUSAL_S = 5;
/** A sub-option has a length of one byte, and firmware a line of the screen or two. */
const LONGEST_TITLE = 160;

/**
 * Option 43 with that menu.
 *
 * @param refusal why the machine gets nothing else: shown for some seconds, in place of nothing at all
 */
export function localBootMenu(refusal?: string): DhcpOption {
  const text = (refusal ?? 'Start from the disk').replaceAll(/[^ -~]/g, '?');
  const title = Buffer.from(text.slice(0, LONGEST_TITLE), 'latin1');
  const entry = Buffer.from([LOCAL_BOOT >> 8, LOCAL_BOOT & 0xff, title.length, ...title]);
  const prompt = Buffer.from([refusal === undefined ? AT_ONCE : REFUSAL_S, ...title]);
  return option(
    options.vendorSpecific,
    Buffer.concat([tag(6, Buffer.from([NO_DISCOVERY])), tag(9, entry), tag(10, prompt), END]),
  );
}

const END = Buffer.from([255]);

function tag(code: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([code, value.length]), value]);
}
