/** Who writes a variable, and when (reference: variables, kinds). */
type VariableKind = 'read-only' | 'control' | 'action' | 'output' | 'deprecated';

/** What is known of a variable that has a meaning of its own. */
export interface VariableFacts {
  /** As people write it; `<n>` stands for the index of an array's member, from 0. */
  readonly name: string;
  readonly kind: VariableKind;
  /** How its text is read. */
  readonly type: 'text' | 'boolean' | 'number' | 'list';
  readonly meaning: string;
  /** The steps, or the time of a run, that it is for. */
  readonly applies: string;
  /** The only values it has, without case. */
  readonly values?: readonly string[];
  /** Least and most of a number. */
  readonly range?: readonly [number, number];
  readonly maxLength?: number;
  /** What counts where it is not set. */
  readonly standard?: string;
  /** Never printed, whoever sets it. */
  readonly secret?: true;
  /** Whether this version sets it or acts on it. */
  readonly supported: true | 'later';
}

/** Variables under one heading. */
export interface VariableGroup {
  readonly title: string;
  readonly variables: readonly VariableFacts[];
}

/** What the variables of a group share, unless one says otherwise. */
type Shared = Pick<VariableFacts, 'kind' | 'applies' | 'supported'> &
  Partial<Pick<VariableFacts, 'type'>> & { readonly title: string };
type Own = Partial<Omit<VariableFacts, 'name'>> & Pick<VariableFacts, 'meaning'>;

/** A group from names and what each means; an object where there is more to say than that. */
export function group(
  { title, ...shared }: Shared,
  entries: Readonly<Record<string, string | Own>>,
): VariableGroup {
  const variables = Object.entries(entries).map(([name, entry]): VariableFacts => {
    const own = typeof entry === 'string' ? { meaning: entry } : entry;
    return { name, type: 'text', ...shared, ...own };
  });
  return { title, variables };
}
