import { Button, type ButtonProps } from '@mantine/core';
import { useAct } from './use-act.ts';

interface ActButtonProps extends ButtonProps {
  /** What screen readers are told where the text alone does not say of what: `Approve PC01`. */
  readonly label?: string;
  readonly act: () => Promise<unknown>;
  readonly children: string;
}

/** A button that does one thing and waits for it. What is refused is shown. */
export function ActButton({ label, act, children, ...rest }: ActButtonProps) {
  const [isBusy, begin] = useAct(act);
  return (
    <Button
      size="xs"
      variant="default"
      {...rest}
      aria-label={label}
      // Not `disabled`: that would take the focus from whoever has pressed it.
      loading={isBusy}
      onClick={begin}
    >
      {children}
    </Button>
  );
}
