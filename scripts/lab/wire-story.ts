import { FOREIGN_ADDRESS, SERVER_ADDRESS } from './namespace.ts';
import { expect, type Lab } from './scenario.ts';
import type { WireEvent } from './wire-summary.ts';
import { wireLine } from './wire-summary.ts';

/** Lines of a capture for people: what repeats at once is told once, with how often. */
export function wireStory(events: readonly WireEvent[]): string[] {
  const lines: { text: string; times: number }[] = [];
  for (const event of events) {
    const text = wireLine(event);
    const last = lines.at(-1);
    if (last?.text === text) last.times += 1;
    else lines.push({ text, times: 1 });
  }
  return lines.map(({ text, times }) => (times === 1 ? text : `${text} (${times} times)`));
}

/**
 * What a boot beside a foreign DHCP server must look like: the address is the other server's, the boot
 * file ours, each says nothing of the other's business. @throws {Mismatch} with the whole capture
 */
export function expectProxyBoot(lab: Lab, events: readonly WireEvent[], mac: string): void {
  for (const line of wireStory(events)) lab.see('wire', line);
  const evidence = () => wireStory(events).join('\n');
  const dhcp = events
    .filter((event) => event.kind === 'dhcp')
    .filter(({ client }) => client === mac);
  const ours = dhcp.filter(({ from }) => from === SERVER_ADDRESS);
  const theirs = dhcp.filter(({ from }) => from === FOREIGN_ADDRESS);
  const say = (holds: boolean, claim: string) => expect(holds, claim, evidence);
  say(
    theirs.some(({ message, yiaddr }) => message === 'ACK' && yiaddr !== '0.0.0.0'),
    "the site's DHCP server gave the address",
  );
  say(
    theirs.every(({ file, vendorClass }) => file === '' && vendorClass === ''),
    "the site's DHCP server said nothing of PXE",
  );
  say(
    ours.some(({ message, port }) => message === 'OFFER' && port === 68),
    'our server made a proxyDHCP offer',
  );
  say(
    ours.every(({ yiaddr, vendorClass }) => yiaddr === '0.0.0.0' && vendorClass === 'PXEClient'),
    'our server gave no address, and answered only as PXEClient',
  );
  say(
    ours.some(({ message, port, file }) => message === 'ACK' && port === 4011 && file !== ''),
    'the boot file was acknowledged on port 4011',
  );
  const files = events.filter((event) => event.kind === 'tftp-read');
  for (const name of [
    'shimx64.efi',
    'grubx64.efi',
    'grub.cfg',
    'vmlinuz',
    'loader.img',
    'site.img',
  ])
    say(
      files.some(({ file, to }) => file.endsWith(name) && to === SERVER_ADDRESS),
      `${name} was read by TFTP from our server`,
    );
  const ports = new Set(events.flatMap((event) => (event.kind === 'tcp-open' ? [event.port] : [])));
  say(ports.has(7480), 'the rest of the boot image came over HTTP, port 7480');
  say(ports.has(7443), 'the agent spoke to its listener, port 7443');
}
