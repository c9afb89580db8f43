import { TextInput } from '@mantine/core';

interface SearchFieldProps {
  readonly label: string;
  /** Above the field; in a bar of filters the label stands in the field. */
  readonly isLabelAbove?: boolean;
  readonly className?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** What is looked for in a list. */
export function SearchField({
  label,
  isLabelAbove = false,
  className = '',
  value,
  onChange,
}: SearchFieldProps) {
  return (
    <TextInput
      {...(isLabelAbove ? { label } : { 'aria-label': label, placeholder: label })}
      className={className}
      type="search"
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A search as it is compared: without case and the spaces around it. */
export function wantedOf(search: string): string {
  return search.trim().toLowerCase();
}
