import type { WildcardMark } from '../wildcard.ts';

/** A data query of WQL: `SELECT … FROM class [WHERE …]`. */
export interface WqlQuery {
  /** As written; none means all of them. Only whether there is a row matters to a condition. */
  readonly properties: readonly string[];
  readonly className: string;
  readonly where: WqlTest | undefined;
}

export type WqlOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';
export type WqlLiteral = string | number | boolean;

/** What a row must be. Properties are named without case. */
export type WqlTest =
  | { readonly kind: 'and' | 'or'; readonly tests: readonly WqlTest[] }
  | { readonly kind: 'not'; readonly test: WqlTest }
  | { readonly kind: 'null'; readonly property: string }
  | {
      readonly kind: 'compare';
      readonly property: string;
      readonly operator: WqlOperator;
      readonly value: WqlLiteral;
    }
  | { readonly kind: 'like'; readonly property: string; readonly marks: readonly WildcardMark[] };
