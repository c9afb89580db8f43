import { Lexer } from 'yaml';
import { documentPath } from '#agent/sequence/document-path.ts';
import { stepsOf } from './match-nodes.ts';
import type { Plan } from './plan.ts';

/**
 * The comments of a text, each at the place in the new document of the group or step that it stood in;
 * those of what is gone, and those outside of all steps, at the head.
 */
export function commentsByNode(
  { text, oldNodes, matches }: Pick<Plan, 'text' | 'oldNodes' | 'matches'>,
  fresh: unknown,
): ReadonlyMap<string, readonly string[]> {
  const places = new Map<object, string>();
  const walk = (value: unknown, path: string): void => {
    for (const [index, node] of stepsOf(value).entries()) {
      const at = documentPath(path, ['steps', index]);
      const old = matches.get(node);
      if (old !== undefined) places.set(old, at);
      walk(node, at);
    }
  };
  walk(fresh, '');
  const comments = new Map<string, string[]>();
  for (const { offset, comment } of commentsOf(text)) {
    let place = '';
    // Inner nodes come after those around them.
    for (const [node, { kind, item }] of oldNodes) {
      const from = kind === 'block' ? item.leadStart : item.start;
      if (offset >= from && offset < item.end) place = places.get(node) ?? place;
    }
    comments.set(place, [...(comments.get(place) ?? []), comment]);
  }
  return comments;
}

function* commentsOf(text: string): Generator<{ offset: number; comment: string }> {
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    // The lexer marks documents and scalars by control characters that are not in the text.
    if (token === '\u0002' || token === '\u0018' || token === '\u001f') continue;
    if (token.startsWith('#')) yield { offset, comment: token.slice(1) };
    offset += token.length;
  }
}
