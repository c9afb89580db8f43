/** A task sequence as a template makes it: a document, with comments for whoever changes it. */
export interface TemplateDocument {
  readonly name: string;
  readonly description: string;
  readonly platform?: 'linux';
  readonly steps: readonly TemplateNode[];
}
export type TemplateNode = TemplateGroup | TemplateStep;
interface Common {
  /** Lines above the node: what to change. */
  readonly comment?: string;
  readonly description?: string;
  readonly condition?: TemplateCondition;
  readonly continueOnError?: true;
}
interface TemplateGroup extends Common {
  readonly group: string;
  readonly steps: readonly TemplateNode[];
}
interface TemplateStep extends Common {
  readonly step: string;
  readonly type: string;
  /** How often it is run again where the machine restarts under it. */
  readonly retryIfInterrupted?: number;
  readonly params?: Readonly<Record<string, unknown>>;
}
type TemplateCondition = Readonly<Record<string, unknown>>;

/** A group; one without steps is written all the same, for somebody to fill. */
export function group(name: string, about: Common, steps: readonly TemplateNode[]): TemplateGroup {
  return { group: name, ...about, steps };
}

/** A step; a param that is undefined is left out, and so are params without any. */
export function step(
  name: string,
  type: string,
  params: Readonly<Record<string, unknown>>,
  about: Common & Pick<TemplateStep, 'retryIfInterrupted'> = {},
): TemplateStep {
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  const settings = given.length === 0 ? {} : { params: Object.fromEntries(given) };
  return { step: name, type, ...about, ...settings };
}

/** A condition on one variable. */
export function variable(
  name: string,
  operator: 'exists' | 'notExists' | 'equals' | 'notEquals',
  value?: string,
): TemplateCondition {
  return {
    kind: 'variable',
    variable: name,
    operator,
    ...(value === undefined ? {} : { value }),
  };
}

/** A condition that all of these hold; the expression itself where there is one. */
export function all(...conditions: readonly TemplateCondition[]): TemplateCondition {
  const [only, second] = conditions;
  return only !== undefined && second === undefined ? only : { all: conditions };
}

/** The nodes where the answer is yes. */
export function only(wanted: boolean, ...nodes: readonly TemplateNode[]): readonly TemplateNode[] {
  return wanted ? nodes : [];
}

/** The document itself, as `parseTaskSequence` reads it: without the comments. */
export function documentValue(document: TemplateDocument): object {
  const { steps, ...head } = document;
  return { ...head, steps: steps.map(nodeValue) };
}

function nodeValue(made: TemplateNode): object {
  const { comment: _, ...node } = made;
  return 'group' in node ? { ...node, steps: node.steps.map(nodeValue) } : node;
}
