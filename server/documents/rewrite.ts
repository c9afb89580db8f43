import { isMap, isSeq } from 'yaml';
import { formatDocumentText } from './format-text.ts';
import { valueOf } from './read/read-yaml.ts';
import { commentsByNode } from './rewrite/comments.ts';
import { type Plan, planRewrite } from './rewrite/plan.ts';
import { renderBlock } from './rewrite/render-block.ts';
import { renderFlow } from './rewrite/render-flow.ts';
import { parseSource, rangeOf } from './rewrite/source.ts';
import { isSameValue } from './same-value.ts';
import { assertWellFormed } from './well-formed.ts';

/**
 * Rewrites the text of a document to a new value. What has not changed stays as it is, to the blank:
 * comments, order of keys, quotes, style, indentation. Steps are known again by what they are, so that
 * one that was moved takes its comments along, to another group too. Reading the result gives the value.
 * @throws {TextFault} the old text cannot be read
 * @throws {DocumentError} `document.surrogate`
 */
export function rewriteDocumentText(text: string, value: unknown): string {
  const fresh = withoutUndefined(value);
  assertWellFormed(fresh);
  const isJson = isJsonText(text);
  const source = parseSource(text);
  const old: unknown = valueOf(text, source.parsed);
  if (isSameValue(old, fresh)) return text;
  const planned = planRewrite(source, { old, fresh, isJson });
  for (const writesAliasesOut of [false, true]) {
    const rewritten = render({ ...planned, writesAliasesOut }, old, fresh);
    if (rewritten !== undefined && reads(rewritten, fresh)) return rewritten;
  }
  if (isJson) return formatDocumentText(fresh, { format: 'json' });
  const comments = commentsByNode(planned, fresh);
  return formatDocumentText(fresh, { format: 'yaml', comments });
}

function render(plan: Plan, old: unknown, fresh: unknown): string | undefined {
  const { text, source } = plan;
  const { contents } = source.parsed;
  if (!isMap(contents) && !isSeq(contents)) return undefined;
  const range = rangeOf(contents);
  if (range === undefined) return undefined;
  const replacement =
    contents.flow === true
      ? { from: range[0], to: range[1], text: renderFlow(plan, contents, old, fresh) }
      : renderBlock(plan, contents, old, fresh);
  if (replacement === undefined) return undefined;
  return `${text.slice(0, replacement.from)}${replacement.text}${text.slice(replacement.to)}`;
}

function reads(text: string, value: unknown): boolean {
  try {
    return isSameValue(valueOf(text, parseSource(text).parsed), value);
  } catch {
    return false;
  }
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A copy without fields that have no value, as JSON has none; no part of it is there twice. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => withoutUndefined(each) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutUndefined(inner)]));
}
