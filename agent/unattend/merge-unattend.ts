import type { NetworkSettings } from '#agent/steps/apply-network-settings.ts';
import { adapterComponents } from './adapters.ts';
import { defaultUnattend } from './default-unattend.ts';
import { type DriverFolder, driverUnattend } from './drivers.ts';
import { joinComponent } from './join.ts';
import type { LayOptions } from './lay-elements.ts';
import { componentKey, layOver } from './lay-over.ts';
import { layeredDriverUnattend } from './layered-driver.ts';
import { isTimeZone } from './time-zones.ts';
import { type ProcessorArchitecture, type Unattend, unattendOf } from './unattend.ts';
import { type WindowsValues, windowsUnattend } from './windows-settings.ts';

/** What the steps before Setup Windows say, their variables put in. What is not set changes nothing. */
export interface StepValues {
  /** Of the image. */
  readonly architecture: ProcessorArchitecture;
  /** Apply Windows Settings. */
  readonly windows?: WindowsValues;
  /** Apply Network Settings. */
  readonly network?: Partial<NetworkSettings>;
  /** MAC addresses of the machine, in the order in which adapters without one are taken. */
  readonly macAddresses?: readonly string[];
  /** An offline domain join blob, instead of the membership in `network`. */
  readonly joinBlob?: string;
  /** Of Apply Operating System Image; 0 is none. */
  readonly layeredDriver?: number;
  readonly drivers?: readonly DriverFolder[];
}

/** What somebody should know of a merge. None of them has a value in it that may be secret. */
export type UnattendNote =
  /** Settings for another architecture than the image's: Windows passes over them. */
  | { readonly kind: 'architecture'; readonly place: string; readonly architecture: string }
  /** The supplied file has a component twice in a pass; the later one was laid over the earlier. */
  | { readonly kind: 'duplicate'; readonly place: string }
  /** A step has another value than the supplied file, and the step's counts. */
  | { readonly kind: 'overwritten'; readonly place: string }
  /** A time zone that Windows does not know by that name: it would silently be UTC. */
  | { readonly kind: 'time-zone'; readonly timeZone: string }
  /** A setting that answer files have no element for: it is made in the new Windows, or not at all. */
  | { readonly kind: 'no-element'; readonly setting: string };

/**
 * The answer file of an installation: `base`, the supplied file laid over it, and what the steps say laid
 * over both (reference: steps, sections 2 and 5). Settings of the supplied file for another architecture
 * are kept and do not count.
 * @throws {UnattendError} `unattend.*` of the values
 */
export function mergeUnattend(
  base: Unattend,
  supplied: Unattend | undefined,
  values: StepValues,
): { readonly unattend: Unattend; readonly notes: readonly UnattendNote[] } {
  const overwritten: UnattendNote[] = [];
  const below: LayOptions = { numbers: 'over', replaced: () => {} };
  const above: LayOptions = {
    numbers: 'under',
    replaced: (place) => overwritten.push({ kind: 'overwritten', place }),
  };
  let unattend = supplied === undefined ? base : layOver(base, supplied, below);
  for (const part of stepParts(values)) unattend = layOver(unattend, part, above);
  const notes = [
    ...(supplied === undefined ? [] : suppliedNotes(supplied, values.architecture)),
    ...overwritten,
    ...valueNotes(values),
  ];
  return { unattend, notes };
}

/** The answer file of an installation with no supplied one. */
export function plainUnattend(values: StepValues): Unattend {
  return mergeUnattend(defaultUnattend(values.architecture), undefined, values).unattend;
}

function* stepParts(values: StepValues): Generator<Unattend> {
  const { architecture, windows, network = {}, joinBlob, macAddresses = [] } = values;
  if (windows !== undefined) yield windowsUnattend(windows, architecture);
  const join = joinComponent(network, joinBlob, architecture);
  const adapters = network.adapters ?? [];
  yield unattendOf({
    specialize: [
      ...(join === undefined ? [] : [join]),
      ...adapterComponents(adapters, network, { macAddresses, architecture }),
    ],
  });
  yield layeredDriverUnattend(values.layeredDriver ?? 0, architecture);
  yield driverUnattend(values.drivers ?? [], architecture);
}

function* suppliedNotes(
  supplied: Unattend,
  architecture: ProcessorArchitecture,
): Generator<UnattendNote> {
  const seen = new Set<string>();
  for (const { pass, components } of supplied.settings)
    for (const each of components) {
      const place = `${pass}/${each.name}`;
      const own = each.processorArchitecture;
      if (own.toLowerCase() !== architecture)
        yield { kind: 'architecture', place, architecture: own };
      const key = `${pass} ${componentKey(each)}`;
      if (seen.has(key)) yield { kind: 'duplicate', place };
      seen.add(key);
    }
}

function* valueNotes({ windows, network }: StepValues): Generator<UnattendNote> {
  const settings = windows?.settings ?? {};
  const timeZone = settings.timeZone?.trim() ?? '';
  if (timeZone !== '' && !isTimeZone(timeZone)) yield { kind: 'time-zone', timeZone };
  if (settings.licenseMode !== undefined) yield { kind: 'no-element', setting: 'licenseMode' };
  if (network?.tcpIpFiltering === true) yield { kind: 'no-element', setting: 'tcpIpFiltering' };
  for (const [index, { name }] of (network?.adapters ?? []).entries())
    if (name !== undefined && name !== '')
      yield { kind: 'no-element', setting: `adapters[${index}].name` };
}
