import type { Environment } from '#agent/protocol/policy.ts';
import type { RunError } from '#agent/protocol/run-event.ts';
import { ownVariables } from '#agent/sequence/variable-catalog/machine-and-run.ts';
import type {
  SimulatedContent,
  SimulatedNode,
  SimulationReport,
} from '#agent/simulated-machine/report.ts';
import { formatBytes } from './units.ts';
import { wrapText } from './wrap-text.ts';

const COLUMNS = 100;
const STATUS = 9;
/** Of long settings this much is shown; all of it is in the JSON. */
const MAX_LINES = 3;

/**
 * A report for people: what becomes of each step in order, then a summary. What is long is cut, and a
 * variable set to the value it has already is left out; the JSON has all.
 */
export function formatReport(report: SimulationReport): string {
  const { sequence, device, notes, nodes, result } = report;
  const lines = [
    ...wrapText(`${sequence}, simulated on ${device.name} (${device.facts.join(', ')})`, COLUMNS),
    ...notes.flatMap((note) => wrapText(`Note: ${note}.`, COLUMNS, '', '      ')),
    ...findingLines(report),
  ];
  const isBegun = nodes.some(({ outcome }) => outcome !== 'not-reached');
  if (isBegun) lines.push(...nodeLines(nodes));
  lines.push('', ...summaryLines(report));
  if (result.error !== null) lines.push(...resultError(result.error));
  return `${lines.join('\n')}\n`;
}

function findingLines({ findings }: SimulationReport): string[] {
  if (findings.length === 0) return [];
  const told = findings.flatMap(({ stepId, name, error, fatal }) => {
    const follows = fatal
      ? 'the run does not begin'
      : 'it may yet be skipped, or is tolerated: the run begins';
    return block(`${stepId} ${name}`, [...errorTexts(error), follows], '  ');
  });
  return ['', 'Checks before the first step', '', ...told];
}

function nodeLines(nodes: readonly SimulatedNode[]): string[] {
  const idWidth = Math.min(16, Math.max(...nodes.map(({ id }) => id.length)));
  const lines: string[] = [];
  let environment: Environment | undefined;
  let said = '';
  let hiddenBelow: number | undefined;
  for (const node of nodes) {
    if (hiddenBelow !== undefined && node.depth > hiddenBelow) continue;
    hiddenBelow = node.kind !== 'step' && node.outcome === 'skipped' ? node.depth : undefined;
    const first = environment === undefined && node.outcome !== 'not-reached';
    if (first) {
      environment = nodes.find((each) => each.environment !== null)?.environment ?? undefined;
      if (environment !== undefined) lines.push('', `In ${places[environment]}`, '');
    }
    const isSaid = node.outcome === 'not-reached' && node.reason === said;
    said = node.outcome === 'not-reached' ? node.reason : '';
    const indent = ' '.repeat(2 + STATUS + 1 + idWidth + 2 + 2 * node.depth);
    lines.push(
      ...wrapText(
        headline(node),
        COLUMNS,
        `  ${statuses[node.outcome].padEnd(STATUS)} ${node.id.padEnd(idWidth)}  ${'  '.repeat(node.depth)}`,
        indent,
      ),
    );
    for (const { text, most } of details(node, isSaid)) {
      const wrapped = wrapText(text, COLUMNS, `${indent}  `, `${indent}    `);
      lines.push(...wrapped.slice(0, most));
      if (wrapped.length > most) lines.push(`${indent}    …`);
    }
    const { restart } = node;
    if (restart !== null && restart.environment !== null) {
      environment = restart.environment;
      const delay = restart.delayMs > 0 ? ` after ${restart.delayMs / 1000} s` : '';
      const to = restart.next === 'pe' ? 'the boot image' : 'the disk';
      lines.push('', `Restart to ${to}${delay}, and on in ${places[environment]}`, '');
    }
  }
  return lines;
}

const places: Readonly<Record<Environment, string>> = {
  winpe: 'Windows PE',
  'linux-pe': 'Linux PE',
  'full-os': 'the installed operating system',
};
const statuses: Readonly<Record<SimulatedNode['outcome'], string>> = {
  runs: 'runs',
  fails: 'FAILS',
  skipped: 'skipped',
  'in-skipped-group': '',
  'not-reached': 'not run',
};

function headline({ name, kind, child, outcome, steps, attempts }: SimulatedNode): string {
  const what = kind === 'group' ? ' (group)' : kind === 'child' ? ' (child task sequence)' : '';
  const called = child === null || child.name === name ? '' : `: "${child.name}"`;
  const inside =
    outcome === 'skipped' && kind !== 'step'
      ? `, ${steps} ${steps === 1 ? 'step' : 'steps'} in it not looked at`
      : '';
  return `${name}${what}${called}${inside}${attempts > 1 ? `, ${attempts} times` : ''}`;
}

/** What the steps remember for each other tells people nothing. */
const ownNames: ReadonlySet<string> = new Set(ownVariables.variables.map(({ name }) => name));

interface Detail {
  readonly text: string;
  readonly most: number;
}

function details(node: SimulatedNode, isSaid: boolean): Detail[] {
  const { condition, outcome, reason, setting, title, variables, restart, error } = node;
  const whole = (text: string): Detail => ({ text, most: Infinity });
  const short = (text: string): Detail => ({ text, most: MAX_LINES });
  const isRun = node.kind === 'step' && (outcome === 'runs' || outcome === 'fails');
  const failed = outcome === 'fails' && error !== null;
  const isToldBelow =
    (node.type === 'set-variable' || node.type === 'set-dynamic-variables') &&
    variables.some(({ changed }) => changed);
  return [
    ...(outcome === 'not-reached' && !isSaid ? [whole(reason)] : []),
    ...(outcome === 'skipped' && condition === null ? [whole(reason)] : []),
    ...(condition === null
      ? []
      : [whole(condition.answered ? `condition ${condition.detail}` : `if ${condition.detail}`)]),
    ...(isRun ? [short(isToldBelow || setting === '' ? title : `${title}: ${setting}`)] : []),
    ...node.unknownVariables.map((name) => whole(`%${name}% has no value and becomes empty`)),
    ...variables
      .filter(({ name, changed }) => changed || isOutput(name, node))
      .filter(({ name }) => !ownNames.has(name))
      .map((variable) => short(variableText(variable, node))),
    ...(failed ? errorTexts(error).map(whole) : []),
    ...(failed ? [whole(followsText(node))] : []),
    ...(outcome === 'fails' && !failed && node.kind !== 'step' ? [whole(followsText(node))] : []),
    ...(restart?.refused == null ? [] : errorTexts(restart.refused).map(whole)),
  ];
}

function variableText(
  { name, value, secret }: SimulatedNode['variables'][number],
  node: SimulatedNode,
): string {
  if (value !== '') return `sets ${name} = ${value}${secret ? ' (hidden)' : ''}`;
  return isOutput(name, node)
    ? `sets ${name} to what it prints: not known, taken as empty`
    : `deletes ${name}`;
}

/** Nothing is run, so nobody knows what it would print. */
function isOutput(name: string, { setting }: SimulatedNode): boolean {
  return [';', ','].some((end) => `${setting};`.includes(`outputVariable: ${name}${end}`));
}

function errorTexts({ code, message, hint }: RunError): string[] {
  return [`${message} [${code}]`, ...(hint === undefined ? [] : [`what to do: ${hint}`])];
}

function followsText({ toleratedBy, name, kind }: SimulatedNode): string {
  if (toleratedBy === null)
    return kind === 'step' ? 'nothing continues on this error' : 'it does not continue on error';
  return toleratedBy === name ? 'it continues on error' : `"${toleratedBy}" continues on error`;
}

function summaryLines({ nodes, counts, content, result }: SimulationReport): string[] {
  const { runs, fails, tolerated, skipped, inSkippedGroups, notReached, restarts } = counts;
  const isBegun = nodes.some(({ outcome }) => outcome !== 'not-reached');
  const ended =
    result.failedAt === null
      ? isBegun
        ? ''
        : ' before its first step'
      : ` at ${result.failedAt.id} "${result.failedAt.name}"`;
  const row = (title: string, text: string): string[] =>
    wrapText(text, COLUMNS, title.padEnd(10), ' '.repeat(12));
  const steps = [
    `${runs} run`,
    `${fails} ${fails === 1 ? 'fails' : 'fail'}${tolerated === 0 ? '' : ` (${tolerated} tolerated)`}`,
    `${skipped} skipped${inSkippedGroups === 0 ? '' : ` and ${inSkippedGroups} in skipped groups`}`,
    `${notReached} not reached`,
  ];
  return [
    ...row('Steps', steps.join(', ')),
    ...row('Restarts', String(restarts)),
    ...(content.length === 0
      ? row('Content', 'none needed')
      : content.flatMap((one, index) => row(index === 0 ? 'Content' : '', contentText(one)))),
    ...row('Result', result.succeeded ? 'succeeds' : `FAILS${ended} with ${codeText(result.code)}`),
  ];
}

function contentText(one: SimulatedContent): string {
  const id = one.packageId === null || one.state === 'assumed' ? '' : ` (${one.packageId})`;
  const users = one.steps.map(({ name, runs }) => `"${name}"${runs ? '' : ' (does not run)'}`);
  const version = one.version === null ? '' : `, version ${one.version}`;
  const size = one.sizeBytes ? `, ${formatBytes(one.sizeBytes)}` : '';
  const what =
    one.state === 'missing'
      ? `MISSING: ${one.follows}`
      : one.state === 'assumed'
        ? 'assumed to be there; nothing of it is checked'
        : '';
  const head = `${one.name}${id}${version}${size}, for ${users.join(', ')}`;
  return what === '' ? head : `${head}: ${what}`;
}

function resultError(error: RunError): string[] {
  return errorTexts(error).flatMap((text) =>
    wrapText(text, COLUMNS, ' '.repeat(10), ' '.repeat(12)),
  );
}

function codeText(code: number): string {
  return `code ${code}${code >= 0x8000_0000 ? ` (0x${code.toString(16)})` : ''}`;
}

function block(head: string, texts: readonly string[], indent: string): string[] {
  return [
    ...wrapText(head, COLUMNS, indent, `${indent}  `),
    ...texts.flatMap((text) => wrapText(text, COLUMNS, `${indent}  `, `${indent}    `)),
  ];
}
