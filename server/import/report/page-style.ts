/** Style of the page: light and dark as the reader's system is, and fit for paper. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f7f8fa, #14171c);
  --card: light-dark(#ffffff, #1d2128);
  --ink: light-dark(#1b222c, #e4e8ee);
  --faint: light-dark(#5b6675, #98a3b3);
  --line: light-dark(#dde2e9, #323945);
  --link: light-dark(#1f5fa8, #7db4f0);
  --good: light-dark(#1e7a45, #62c88f);
  --fair: light-dark(#92620a, #e2b352);
  --bad: light-dark(#b3261e, #f28b82);
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 76rem;
  background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; }
p { margin: .25rem 0; }
a { color: var(--link); }
code { font: .9em/1.4 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.faint { color: var(--faint); }
.good { color: var(--good); } .fair { color: var(--fair); } .bad { color: var(--bad); }
.totals { display: grid; grid-template-columns: repeat(auto-fit, minmax(10.5rem, 1fr)); gap: .75rem; margin: 1.5rem 0; }
.total { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
.total b { display: block; font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.total span { color: var(--faint); font-size: .87rem; overflow-wrap: anywhere; }
.bar { display: flex; height: .8rem; border-radius: .4rem; overflow: hidden; background: var(--line); margin: .5rem 0; }
.bar i { display: block; min-width: 2px; }
.typed { background: #2f7fd1; } .equivalent { background: #23a58d; } .built-in { background: #8f7bd6; }
.command-line { background: #d9a02b; } .unsupported { background: #d2473d; }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0; margin: 0; list-style: none; font-size: .9rem; }
.key i { display: inline-block; width: .75rem; height: .75rem; border-radius: .2rem; margin-right: .4rem; }
details { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .6rem 1rem; overflow-wrap: anywhere; }
summary .count { float: right; margin-left: 1rem; color: var(--faint); font-variant-numeric: tabular-nums; }
.inside { padding: .25rem 1rem 1rem; border-top: 1px solid var(--line); }
ul.things { list-style: none; margin: 0; padding: 0; }
ul.things > li { padding: .6rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
ul.things > li:last-child { border-bottom: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--faint); font-weight: 600; white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.group { font-weight: 600; }
tr.off td:first-child { color: var(--faint); }
.tag { display: inline-block; white-space: nowrap; border: 1px solid currentColor; border-radius: .3rem; padding: 0 .4rem; font-size: .82rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: .5rem 0 1rem; }
.facts dt { color: var(--faint); } .facts dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 40rem) { .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .4rem; } }
@media print {
  :root { color-scheme: light; --paper: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  details { border: 0; border-top: 1px solid var(--line); border-radius: 0; }
  details::details-content { content-visibility: visible; display: block; }
  tr, li, .total { break-inside: avoid; }
  .bar, .key i { print-color-adjust: exact; }
}
`;
