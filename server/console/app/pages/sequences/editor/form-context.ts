import { createContext, useContext } from 'react';
import type { Schema, SchemaReader } from '../model/form.ts';
import type { PlacedProblem } from '../model/problems.ts';

/** What all fields of a form share. */
export interface FormScope {
  readonly reader: SchemaReader;
  readonly canEdit: boolean;
  /** What is wrong with what the form is of. */
  readonly problems: readonly PlacedProblem[];
  /** Names that a reference may have: of packages and images, of task sequences. */
  readonly names: { readonly content: readonly string[]; readonly sequences: readonly string[] };
}

/** What every field is given. */
export interface FieldProps {
  readonly title: string;
  readonly help: string;
  readonly isRequired: boolean;
  readonly fallback: unknown;
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: string;
  /** Undefined takes the setting away. */
  readonly onChange: (value: unknown) => void;
}

export const FormContext = createContext<FormScope | null>(null);

/** What the fields around share. */
export function useForm(): FormScope {
  const scope = useContext(FormContext);
  if (scope === null) throw new Error('a field stands in no form');
  return scope;
}

/** A place in a form, as the server names it: `params.partitions[1].size`. */
export function within(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
