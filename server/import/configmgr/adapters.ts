import { StepError } from '#agent/sequence/step.ts';
import { readAdapter } from '#agent/steps/network-adapters.ts';
import type { StepReader } from '../step-reader.ts';

const MEMBER = /^(?:OSDAdapter|Adapters?)(\d{1,3})([A-Za-z]\w*)$/i;
/** What an adapter with a fixed address needs, and the variables that hold it. */
const fixed = {
  ipAddresses: 'IPAddressList',
  subnetMasks: 'SubnetMask',
  gateways: 'Gateways',
} as const;

type Adapter = Readonly<Record<string, unknown>>;

/** The network adapters of a step: `OSDAdapter0EnableDHCP`, counted by `OSDAdapterCount`. */
export function adaptersOf(reader: StepReader): readonly Adapter[] | undefined {
  const count = reader.number('NumAdapters', 'OSDAdapterCount');
  reader.ignore('Adapters', 'OSDAdapter');
  const members = new Map<number, Map<string, string>>();
  for (const { name, value } of reader.matching(MEMBER)) {
    const [, index = '', member = ''] = MEMBER.exec(name) ?? [];
    const known = members.get(Number(index)) ?? new Map<string, string>();
    members.set(Number(index), known.set(member.toLowerCase(), value));
  }
  const adapters = [...members]
    .filter(([index]) => typeof count !== 'number' || index < count)
    .toSorted(([one], [other]) => one - other)
    .flatMap(([index, known]) => adapterOf(reader, index, known));
  return adapters.length === 0 ? undefined : adapters;
}

function adapterOf(
  reader: StepReader,
  index: number,
  members: ReadonlyMap<string, string>,
): readonly Adapter[] {
  const base = `OSDAdapter${index}`;
  try {
    const adapter = readAdapter(base, (name) => members.get(name.slice(base.length).toLowerCase()));
    return [adapter['dhcp'] === false ? withFixed(reader, base, adapter) : adapter];
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    reader.need({
      kind: 'setting',
      message: `The network adapter ${index} was not taken over: ${error.message}`,
    });
    return [];
  }
}

/** Variables in the place of what is not there. */
function withFixed(reader: StepReader, base: string, adapter: Adapter): Adapter {
  const completed: Record<string, unknown> = { ...adapter };
  for (const [param, member] of Object.entries(fixed))
    if (completed[param] === undefined) {
      const name = `${base}${member}`;
      completed[param] = `%${name}%`;
      reader.need({
        kind: 'setting',
        message: `${name} is not in the file, and DHCP is off`,
        hint: `Set the variable ${name}, or write it into the step.`,
      });
    }
  return completed;
}
