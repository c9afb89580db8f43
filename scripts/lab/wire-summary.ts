import { parseSegment, type Segment } from './pcap.ts';

/** What one packet of a network boot says, read without any of the server's own codecs. */
export type WireEvent = { readonly from: string; readonly to: string; readonly mac: string } & (
  | {
      readonly kind: 'dhcp';
      /** Option 53, `DISCOVER`. */
      readonly message: string;
      /** chaddr of the client. */
      readonly client: string;
      readonly vendorClass: string;
      /** Option 93, first value; null when absent. */
      readonly architecture: number | null;
      readonly yiaddr: string;
      readonly siaddr: string;
      readonly file: string;
      readonly port: number;
      /** Option 43 has a boot menu whose first entry is of type 0: start from the disk (PXE 2.1, table 2-1, tag 9). */
      readonly localBoot: boolean;
    }
  | { readonly kind: 'tftp-read'; readonly file: string; readonly options: string }
  | { readonly kind: 'tftp-error'; readonly code: number; readonly text: string }
  | { readonly kind: 'tcp-open'; readonly port: number }
);

const DHCP_MESSAGES = [
  '',
  'DISCOVER',
  'OFFER',
  'REQUEST',
  'DECLINE',
  'ACK',
  'NAK',
  'RELEASE',
  'INFORM',
];
const DHCP_PORTS = new Set([67, 68, 4011]);
const SYN = 0x02;
const ACK = 0x10;

/** Reads one frame; undefined when it is nothing that a boot is told by. */
export function readFrame(frame: Uint8Array): WireEvent | undefined {
  const segment = parseSegment(frame);
  if (segment === undefined) return undefined;
  const ends = { from: segment.source, to: segment.destination, mac: segment.sourceMac };
  if (segment.protocol === 'tcp') {
    const opens = (segment.flags & SYN) !== 0 && (segment.flags & ACK) === 0;
    return opens ? { ...ends, kind: 'tcp-open', port: segment.destinationPort } : undefined;
  }
  if (DHCP_PORTS.has(segment.destinationPort) && DHCP_PORTS.has(segment.sourcePort))
    return readBootp(segment.payload, ends, segment.destinationPort);
  return readTftp(segment, ends);
}

/** A DHCP message as its payload; undefined when it is too short to be one. */
export function readBootp(
  payload: Uint8Array,
  ends: { readonly from: string; readonly to: string; readonly mac: string },
  port = 68,
): Extract<WireEvent, { kind: 'dhcp' }> | undefined {
  if (payload.length < 241) return undefined; // RFC 2131 figure 1: 236 bytes, the cookie, an option
  const options = readOptions(payload.subarray(240));
  const architecture = options.get(93);
  return {
    ...ends,
    kind: 'dhcp',
    message: DHCP_MESSAGES[options.get(53)?.[0] ?? 0] ?? '',
    client: [...payload.subarray(28, 34)].map((b) => b.toString(16).padStart(2, '0')).join(':'),
    vendorClass: text(options.get(60) ?? new Uint8Array()),
    architecture:
      architecture === undefined ? null : (architecture[0] ?? 0) * 256 + (architecture[1] ?? 0),
    yiaddr: [...payload.subarray(16, 20)].join('.'),
    siaddr: [...payload.subarray(20, 24)].join('.'),
    file: text(options.get(67) ?? payload.subarray(108, 236)),
    port,
    localBoot: isLocalBoot(readOptions(options.get(43) ?? new Uint8Array()).get(9)),
  };
}

function isLocalBoot(menu: Uint8Array | undefined): boolean {
  return menu !== undefined && menu.length > 2 && menu[0] === 0 && menu[1] === 0;
}

function readOptions(bytes: Uint8Array): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const code = bytes[at] ?? 255;
    if (code === 255) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    options.set(code, bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options;
}

/** RFC 1350 opcodes 1 and 5; DATA and ACK are not captured, they say nothing new. */
function readTftp(
  { payload, destinationPort }: Segment,
  ends: { from: string; to: string; mac: string },
): WireEvent | undefined {
  if (payload.length < 4 || payload[0] !== 0) return undefined;
  const words = Buffer.from(payload.subarray(2)).toString('latin1').split('\0');
  if (payload[1] === 1 && destinationPort === 69)
    return {
      ...ends,
      kind: 'tftp-read',
      file: words[0] ?? '',
      options: words.slice(2).join(' ').trim(),
    };
  if (payload[1] === 5)
    return {
      ...ends,
      kind: 'tftp-error',
      code: payload[3] ?? 0,
      text: text(payload.subarray(4)),
    };
  return undefined;
}

function text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
}

/** One line for people: `DHCP OFFER 10.77.0.1 -> 255.255.255.255 file=shimx64.efi`. */
export function wireLine(event: WireEvent): string {
  const route = `${event.from} -> ${event.to}`;
  switch (event.kind) {
    case 'dhcp': {
      const parts = [
        event.architecture === null ? '' : `arch=${event.architecture}`,
        event.vendorClass === '' ? '' : `class=${event.vendorClass}`,
        event.yiaddr === '0.0.0.0' ? '' : `yiaddr=${event.yiaddr}`,
        event.siaddr === '0.0.0.0' ? '' : `siaddr=${event.siaddr}`,
        event.file === '' ? '' : `file=${event.file}`,
        event.localBoot ? 'menu=local-boot' : '',
      ].filter((part) => part !== '');
      const port = event.port === 4011 ? ' port 4011' : '';
      return [`DHCP ${event.message}${port} ${route}`, ...parts].join(' ');
    }
    case 'tftp-read':
      return `TFTP RRQ ${route} ${event.file} (${event.options})`;
    case 'tftp-error':
      return `TFTP ERROR ${event.code} ${route} ${event.text}`;
    case 'tcp-open':
      return `TCP SYN ${route} port ${event.port}`;
  }
}
