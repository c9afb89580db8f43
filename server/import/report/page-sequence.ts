import { conditionsText, mappedSteps, percent, plural } from './count.ts';
import { type Html, html } from './html.ts';
import { howNames, kindName } from './names.ts';
import type { NodeReport, SequenceReport } from './schema.ts';

/** One sequence of the page: what it is, how it went, and every group and step of it. */
export function sequenceDetails(
  sequence: SequenceReport,
  { open }: { readonly open: boolean },
): Html {
  const { name, counts, roundTrip, simulation } = sequence;
  const mapped = mappedSteps(counts);
  const faults = [
    ...(roundTrip.same ? [] : ['changed by export and import']),
    ...(simulation.succeeded ? [] : ['simulation fails']),
  ];
  return html`<details ${open ? 'open' : ''}><summary><span class="count">${mapped} of ${counts.steps} steps · ${percent(mapped, counts.steps)}</span><b>${name}</b>${faults.map((fault) => html` <span class="tag bad">${fault}</span>`)}</summary>
<div class="inside">
${facts(sequence)}
<div class="wide"><table>
<thead><tr><th>Group or step</th><th>It was</th><th>It is</th><th>What to know</th></tr></thead>
<tbody>${sequence.nodes.map(nodeRow)}</tbody>
</table></div>
</div></details>`;
}

function facts({
  from,
  format,
  sourceId,
  counts,
  references,
  roundTrip,
  simulation,
}: SequenceReport): Html {
  const { error, failedAt } = simulation;
  const end = simulation.succeeded
    ? html`<span class="good">succeeds</span>`
    : html`<span class="bad">fails${failedAt === '' ? '' : ` at "${failedAt}"`}: ${error?.message ?? 'no reason is known'}</span>`;
  const rows: readonly (readonly [string, Html])[] = [
    ['From', html`<code>${from}</code>`],
    [
      'Format',
      html`${format === 'mdt' ? 'MDT' : 'Configuration Manager'}${sourceId === null ? '' : `, ${sourceId}`}`,
    ],
    [
      'Conditions',
      html`${counts.mappedExpressions} of ${counts.expressions} expressions mapped, on ${conditionsText(counts)}`,
    ],
    [
      'Round trip',
      roundTrip.same
        ? html`<span class="good">the same after export and import</span>`
        : html`<span class="bad">${roundTrip.message}</span>`,
    ],
    [
      'Simulation',
      html`${simulation.device} (${simulation.facts.join(', ')}): ${end}; ${plural(simulation.runs, 'step')} run, ${simulation.skipped} skipped, ${plural(simulation.restarts, 'restart')}${simulation.notes.map((note) => html`<br><span class="faint">${note}</span>`)}`,
    ],
    ...(references.length === 0
      ? []
      : [
          [
            'Refers to',
            html`${references.map(({ kind, name, sourceId, isNamed, isHere }) => html`${kindName(kind)} ${isNamed ? `${name} ` : ''}<code>${sourceId}</code>${isHere ? ' (in this import)' : ''}<br>`)}`,
          ] as const,
        ]),
  ];
  return html`<dl class="facts">${rows.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl>`;
}

function nodeRow(node: NodeReport): Html {
  const { name, kind, depth, sourceType, how, became, disabled, reason, needs } = node;
  const told = [
    ...(disabled ? [html`<span class="faint">disabled in its file</span>`] : []),
    ...(reason === '' ? [] : [html`${reason}`]),
    ...needs.map(
      ({ kind, message }) =>
        html`<span class="${kind === 'setting' ? 'faint' : 'fair'}">${message}</span>`,
    ),
  ];
  const was = sourceType.replace(/^SMS_TaskSequence_/, '');
  const isOff = how === 'unsupported' || how === 'built-in';
  const types = isOff ? 'kept disabled' : [...new Set(became)].join(', ');
  const indent = Math.min(depth, 12) * 1.1;
  return html`<tr class="${disabled ? 'off' : 'on'}"><td class="${kind}" style="padding-left:${indent}rem">${name}</td><td><code>${was}</code></td><td>${
    how === null
      ? html``
      : html`<span class="tag ${toneOf(how)}" title="${howNames[how]}">${how}</span> <code>${types}</code>`
  }${node.expressions === 0 ? html`` : html`${how === null ? html`` : html`<br>`}<span class="${node.mappedExpressions === node.expressions ? 'faint' : 'bad'}">${node.mappedExpressions} of ${node.expressions} expressions</span>`}</td><td>${told.map((each, index) => (index === 0 ? each : html`<br>${each}`))}</td></tr>
`;
}

function toneOf(how: NonNullable<NodeReport['how']>): 'good' | 'fair' | 'bad' {
  if (how === 'unsupported') return 'bad';
  return how === 'command-line' ? 'fair' : 'good';
}
