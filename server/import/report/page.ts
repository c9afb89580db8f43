import {
  COUNTED,
  conditionsText,
  mappedSteps,
  numberText as number,
  percent,
  plural,
} from './count.ts';
import { foldNeeds, foldReasons, foldReferences, needKinds, type Place } from './fold.ts';
import { Html, html } from './html.ts';
import { howNames, isObjectId, kindName, messageAt } from './names.ts';
import { sequenceDetails } from './page-sequence.ts';
import { shareSection } from './page-share.ts';
import { pageStyle } from './page-style.ts';
import type { ImportReport } from './schema.ts';

/** Places of one thing to do that are shown; the rest is counted, and stands at its steps. */
const MAX_PLACES = 6;

/** The report as one HTML file that needs nothing from elsewhere and runs nothing. */
export function formatImportPage(report: ImportReport): string {
  const { counts, sequences } = report;
  const title = sequences.length === 1 ? (sequences[0]?.name ?? '') : 'Imported task sequences';
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Import report: ${title}</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p class="faint">Import report of Metalwright: what became of ${plural(counts.steps, 'step')}, and what needs a person.</p>
</header>
<main>
${totals(report)}
${failures(report)}
${report.share === undefined ? html`` : shareSection(report.share)}
${needs(report)}
${references(report)}
<h2>Task sequences</h2>
${sequences.map((sequence) => sequenceDetails(sequence, { open: sequences.length === 1 }))}
</main>
</body>
</html>
`;
  return page.text;
}

function totals({ counts, sequences }: ImportReport): Html {
  const { steps, how, expressions, mappedExpressions } = counts;
  const mapped = mappedSteps(counts);
  const scripts = sequences.reduce((sum, { tsEnvironment }) => sum + tsEnvironment.length, 0);
  const cards = [
    card(
      number(counts.sequences),
      `${counts.sequences === 1 ? 'task sequence' : 'task sequences'} read${counts.failures === 0 ? '' : `, ${number(counts.failures)} failed`}`,
      counts.failures === 0,
    ),
    card(percent(mapped, steps), `of ${number(steps)} steps mapped`, mapped === steps),
    card(
      percent(mappedExpressions, expressions),
      `of ${number(expressions)} expressions mapped, on ${conditionsText(counts)}`,
      mappedExpressions === expressions,
    ),
    card(
      `${number(counts.roundTrips)} / ${number(counts.sequences)}`,
      'the same after export and import',
      counts.roundTrips === counts.sequences,
    ),
    card(
      `${number(counts.simulated)} / ${number(counts.sequences)}`,
      'simulations end well',
      counts.simulated === counts.sequences,
    ),
    card(number(scripts), 'steps call TSEnvironment', scripts === 0),
  ];
  const parts = Object.entries(howNames).flatMap(([key, name]) => {
    const count = Object.entries(how).find(([each]) => each === key)?.[1] ?? 0;
    return count === 0 ? [] : [{ key, name, count }];
  });
  return html`<div class="totals">${cards}</div>
<div class="bar" aria-hidden="true">${parts.map(({ key, count }) => html`<i class="${key}" style="flex:${count}"></i>`)}</div>
<ul class="key">${parts.map(({ key, name, count }) => html`<li><i class="${key}"></i>${number(count)} ${name}</li>`)}</ul>
<p class="faint">${COUNTED}</p>`;
}

function card(value: string, text: string, isGood: boolean): Html {
  return html`<div class="total"><b class="${isGood ? 'good' : 'fair'}">${value}</b><span>${text}</span></div>`;
}

function failures({ failures }: ImportReport): Html {
  if (failures.length === 0) return html``;
  return html`<h2>What could not be read</h2>
<details open><summary>${plural(failures.length, 'file, or part of one', 'files, or parts of files')}</summary><div class="inside"><ul class="things">
${failures.map(
  ({ from, message, code, hint }) =>
    html`<li><code>${from}</code><br><span class="bad">${messageAt(from, message)}</span> <code>${code}</code>${hint === undefined ? html`` : html`<br><span class="faint">${hint}</span>`}</li>`,
)}
</ul></div></details>`;
}

interface Thing {
  readonly text: string;
  readonly hint: string;
  readonly places: readonly Place[];
}

function needs(report: ImportReport): Html {
  const reasons = foldReasons(report);
  const all = foldNeeds(report);
  const many = report.sequences.length > 1;
  const lists = [
    ...(['unsupported', 'command-line'] as const).map((how) => ({
      title:
        how === 'unsupported'
          ? 'Steps that nothing here can do: kept disabled'
          : 'Steps that run as the command lines they are',
      things: reasons
        .filter((each) => each.how === how)
        .map(({ reason, sourceTypes, places }) => ({
          text: reason === '' ? sourceTypes.join(', ') : reason,
          hint: '',
          places,
        })),
    })),
    ...Object.entries(needKinds).map(([kind, title]) => ({
      title,
      things: all
        .filter((need) => need.kind === kind)
        .map(({ message, hint, places }) => ({ text: message, hint, places })),
    })),
  ].filter(({ things }) => things.length > 0);
  if (lists.length === 0) return html`<h2>What needs a person</h2><p class="good">Nothing.</p>`;
  return html`<h2>What needs a person</h2>
${lists.map(
  ({ title, things }) =>
    html`<details><summary><span class="count">${number(things.length)}</span>${title}</summary><div class="inside"><ul class="things">${things.map((thing) => thingItem(thing, many))}</ul></div></details>`,
)}`;
}

function thingItem({ text, hint, places }: Thing, many: boolean): Html {
  return html`<li>${text}${hint === '' ? html`` : html`<br><span class="faint">What to do: ${hint}</span>`}<br><span class="faint">In ${placesText(places, many)}</span></li>`;
}

function placesText(places: readonly Place[], many: boolean): string {
  const told = [
    ...new Set(
      places.map(({ sequence, step }) => {
        if (step === '') return many ? sequence : 'the sequence itself';
        return many ? `${step} (${sequence})` : step;
      }),
    ),
  ];
  const more = told.length - MAX_PLACES;
  return more <= 0
    ? told.join(' · ')
    : `${told.slice(0, MAX_PLACES).join(' · ')} and ${number(more)} more`;
}

function references(report: ImportReport): Html {
  const folded = foldReferences(report);
  if (folded.length === 0) return html``;
  return html`<h2>Objects to bring</h2>
<details><summary><span class="count">${number(folded.length)}</span>Images, packages, applications and task sequences of the other site</summary>
<div class="inside wide"><table>
<thead><tr><th>Kind</th><th>Name</th><th>Id there</th><th class="number">Steps</th></tr></thead>
<tbody>${folded.map(
    ({ kind, name, isNamed, sourceId, places }) =>
      html`<tr><td>${kindName(kind)}</td><td>${isNamed || !isObjectId(sourceId) ? name : html`<span class="faint">not in the file</span>`}</td><td><code>${sourceId}</code></td><td class="number">${number(places.filter(({ step }) => step !== '').length)}</td></tr>`,
  )}</tbody>
</table></div></details>`;
}
