import { wrapText } from '../../cli/wrap-text.ts';
import { mappedSteps, numberText as number, plural } from './count.ts';
import type { ImportReport, NodeReport, SequenceReport } from './schema.ts';
import { COLUMNS, heading } from './text-layout.ts';

/** Each sequence on a line: what of it was mapped, and what is wrong with it. */
export function listLines({ sequences }: ImportReport): string[] {
  if (sequences.length === 0) return [];
  return heading('Task sequences').concat(
    sequences.flatMap(({ name, counts, roundTrip, simulation }) => {
      const mapped = mappedSteps(counts);
      const faults = [
        ...(roundTrip.same ? [] : ['changed by export and import']),
        ...(simulation.succeeded ? [] : ['its simulation fails']),
      ];
      return wrapText(
        `"${name}": ${number(mapped)} of ${plural(counts.steps, 'step')}, ${number(counts.mappedExpressions)} of ${plural(counts.expressions, 'expression')}${faults.map((fault) => `; ${fault}`).join('')}`,
        COLUMNS,
        '  ',
        '    ',
      );
    }),
  );
}

/** A sequence with each of its steps, and what became of it. */
export function sequenceLines(sequence: SequenceReport): string[] {
  const { name, from, simulation, nodes } = sequence;
  return [
    ...heading(`"${name}"`),
    ...wrapText(`from ${from}`, COLUMNS, '  ', '    '),
    ...wrapText(
      `simulated on ${simulation.device} (${simulation.facts.join(', ')}): ${simulation.succeeded ? 'succeeds' : 'fails'}, ${plural(simulation.runs, 'step')} run, ${number(simulation.skipped)} skipped, ${plural(simulation.restarts, 'restart')}`,
      COLUMNS,
      '  ',
      '    ',
    ),
    '',
    ...nodes.flatMap(nodeLines),
  ];
}

function nodeLines(node: NodeReport): string[] {
  const indent = `  ${'  '.repeat(Math.min(node.depth, 12))}`;
  const became = [...new Set(node.became)].join(', ');
  const isOff = node.how === 'unsupported' || node.how === 'built-in';
  const what = node.how === null ? '' : ` -> ${node.how}${isOff ? '' : `: ${became}`}`;
  const off = node.disabled ? ' (disabled)' : '';
  const condition =
    node.expressions === 0 ? '' : ` [${node.mappedExpressions}/${node.expressions} expressions]`;
  const more = [
    ...(node.reason === '' ? [] : [node.reason]),
    ...node.needs.map(({ kind, message }) => `${kind}: ${message}`),
  ];
  return [
    ...wrapText(`${node.name}${off}${what}${condition}`, COLUMNS, indent, `${indent}    `),
    ...more.flatMap((text) => wrapText(text, COLUMNS, `${indent}    - `, `${indent}      `)),
  ];
}
