import { z } from 'zod';
import type { Device } from './device.ts';
import { isInSubnet, parseSubnet } from './subnet.ts';

const LONGEST_RANGE = 4096;
const Port = z.string().trim().min(1).max(256).refine(isPortRange, {
  error: 'a range of ports counts up at its end: eth1/1-24',
});

/**
 * Which machines something is for, by what they say and where they are plugged in. All that is named must
 * fit; of a list, one. Nothing named fits every machine.
 */
export const DeviceScope = z.strictObject({
  /** Of the address that it registered from: `10.0.5.0/24`. */
  subnets: z
    .array(z.string().refine((text) => parseSubnet(text) !== undefined, 'write 10.0.5.0/24'))
    .min(1)
    .max(100)
    .optional(),
  /** Circuit ids of option 82; one that ends in a range, `eth1/1-24`, means each of them too. */
  ports: z.array(Port).min(1).max(1000).optional(),
  /** Remote id of option 82. */
  switchId: z.string().min(1).max(256).optional(),
  /** DHCP relay of its subnet (giaddr). */
  relay: z.ipv4().optional(),
  /** Interface of this server on which it was heard. */
  interfaceName: z.string().min(1).max(64).optional(),
  /** Model, or make and model, without case; `*` stands for anything. */
  model: z.string().min(1).max(256).optional(),
});
export type DeviceScope = z.infer<typeof DeviceScope>;

type Scoped = Pick<Device, 'manufacturer' | 'model' | 'seenAt'>;

/** Whether a scope is for this machine. What is not known of it does not fit. */
export function fitsScope(scope: DeviceScope, device: Scoped): boolean {
  const { subnets, ports, switchId, relay, interfaceName, model } = scope;
  const { seenAt } = device;
  const same = (wanted: string | undefined, known: string | null | undefined) =>
    wanted === undefined || wanted.toLowerCase() === known?.toLowerCase();
  return (
    (subnets === undefined || subnets.some((text) => isIn(seenAt?.address, text))) &&
    (ports === undefined || ports.some((range) => fitsPort(range, seenAt?.port))) &&
    same(switchId, seenAt?.switchId) &&
    same(relay, seenAt?.relay) &&
    same(interfaceName, seenAt?.interfaceName) &&
    (model === undefined || fitsModel(model, device))
  );
}

/** A scope in words: `subnet 10.0.5.0/24, port eth1/1-24`; empty for every machine. */
export function scopeText(scope: DeviceScope): string {
  return [
    scope.subnets && `subnet ${scope.subnets.join(' or ')}`,
    scope.ports && `port ${scope.ports.join(' or ')}`,
    scope.switchId && `switch ${scope.switchId}`,
    scope.relay && `relay ${scope.relay}`,
    scope.interfaceName && `interface ${scope.interfaceName}`,
    scope.model && `model ${scope.model}`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');
}

function isIn(address: string | null | undefined, text: string): boolean {
  const subnet = parseSubnet(text);
  return typeof address === 'string' && subnet !== undefined && isInSubnet(address, subnet);
}

/** Whether a port is one of a range. A name that looks like a range may be a port's own name. */
export function fitsPort(range: string, port: string | null | undefined): boolean {
  if (typeof port !== 'string') return false;
  const wanted = range.trim().toLowerCase();
  const known = port.trim().toLowerCase();
  if (wanted === known) return true;
  const bounds = parseRange(wanted);
  const [, prefix, number] = /^(.*?)(\d+)$/s.exec(known) ?? [];
  return (
    bounds !== undefined &&
    prefix === bounds.prefix &&
    Number(number) >= bounds.first &&
    Number(number) <= bounds.last
  );
}

function parseRange(text: string) {
  const [, prefix, first, last] = /^(.*?)(\d{1,9})-(\d{1,9})$/s.exec(text) ?? [];
  return prefix === undefined ? undefined : { prefix, first: Number(first), last: Number(last) };
}

function isPortRange(text: string): boolean {
  const range = parseRange(text);
  return (
    range === undefined || (range.last >= range.first && range.last - range.first < LONGEST_RANGE)
  );
}

function fitsModel(wanted: string, { manufacturer, model }: Scoped): boolean {
  const parts = wanted.trim().toLowerCase().split('*');
  const texts = [model, `${manufacturer ?? ''} ${model ?? ''}`];
  return texts.some((text) => text !== null && fitsParts(parts, text.trim().toLowerCase()));
}

/** Whether a text begins and ends with the first and the last part, and has the others between in order. */
function fitsParts(parts: readonly string[], text: string): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
