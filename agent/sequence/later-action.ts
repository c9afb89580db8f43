import type { StepNode, StepRegistry } from './task-sequence.ts';

/** What this version cannot do of a step. */
export interface LaterAction {
  /** Of the step: `Capture Operating System Image`. */
  readonly title: string;
  /** The settings that its action does not know, in the words of people; none: there is no action at all. */
  readonly settings: readonly string[];
}

/**
 * What of a step comes with a later version; undefined where nothing does. What holds a variable may not be
 * readable yet: then the step is judged when it runs.
 */
export function laterAction(
  { type, params }: Pick<StepNode, 'type' | 'params'>,
  registry: StepRegistry,
): LaterAction | undefined {
  const definition = Object.hasOwn(registry, type) ? registry[type] : undefined;
  if (definition === undefined) return undefined;
  const { title, action } = definition;
  if (action === 'later') return { title, settings: [] };
  if (definition.laterSettings === undefined) return undefined;
  const parsed = definition.params.safeParse(params);
  const settings = parsed.success ? definition.laterSettings(parsed.data) : [];
  return settings.length === 0 ? undefined : { title, settings };
}

/** The same as a sentence without its end. */
export function laterText({ title, settings }: LaterAction): string {
  return settings.length === 0
    ? `this version cannot run a "${title}" step yet`
    : `"${title}" cannot do this yet: ${settings.join('; ')}`;
}
