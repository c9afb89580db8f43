import { type Condition, Expression } from '../../condition.ts';
import { answerCondition } from '../../condition-answer.ts';
import type {
  InstalledProduct,
  PathFacts,
  QueryCapability,
  RegistryFacts,
  SystemFacts,
  WmiInventory,
} from '../../query-capability.ts';
import { Variables } from '../../variables.ts';

/** What a machine of a test has. */
export interface Facts {
  readonly paths?: Readonly<Record<string, Partial<PathFacts>>>;
  /** By `key` or `key|value`. */
  readonly registry?: Readonly<Record<string, RegistryFacts>> | undefined;
  readonly software?: readonly InstalledProduct[] | undefined;
  readonly system?: Partial<SystemFacts>;
  readonly inventory?: WmiInventory;
}
const windows10: SystemFacts = {
  family: 'windows',
  version: '10.0.19045',
  architecture: 'x64',
  productType: 'client',
  language: 1033,
};

/** What a machine of these facts answers, and what it was asked. */
export function machineOf(facts: Facts) {
  const asked: string[] = [];
  const { registry, software } = facts;
  const query: QueryCapability = {
    async path({ path, kind }) {
      asked.push(`${kind} ${path}`);
      const found = facts.paths?.[`${kind} ${path}`];
      return found === undefined ? null : { modifiedMs: 0, version: null, ...found };
    },
    registry:
      registry &&
      (async ({ key, valueName }) => {
        asked.push(`registry ${key}|${valueName}`);
        return registry[valueName === null ? key : `${key}|${valueName}`] ?? null;
      }),
    software:
      software &&
      (async () => {
        asked.push('software');
        return software;
      }),
    async system() {
      asked.push('system');
      return { ...windows10, ...facts.system };
    },
    async inventory() {
      asked.push('inventory');
      return facts.inventory ?? {};
    },
    wmi: undefined,
  };
  return { asked, query };
}

/** Variables of these values. */
export const variablesOf = (values: Readonly<Record<string, string>>, secret = false) =>
  Variables.none.setAll(Object.entries(values).map(([name, value]) => ({ name, value, secret })));

/** The verdict on one expression or tree, and what the machine was asked for it. */
export async function ask(condition: object, facts: Facts = {}, variables = Variables.none) {
  const { asked, query } = machineOf(facts);
  const read = 'kind' in condition ? Expression.parse(condition) : condition;
  const { signal } = new AbortController();
  const verdict = await answerCondition(read as Condition, { variables, query, signal });
  return { ...verdict, asked };
}
