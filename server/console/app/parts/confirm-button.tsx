import { Button, type ButtonProps, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { shellText } from '../text/shell.ts';
import { Dialog } from './dialog.tsx';
import { useAct } from './use-act.ts';

interface ConfirmButtonProps extends ButtonProps {
  readonly label?: string;
  /** What will be done, and to how many machines. */
  readonly title: string;
  readonly text: ReactNode;
  readonly act: () => Promise<unknown>;
  readonly children: string;
}

/** A button for what cannot be taken back: it says first what it will do. */
export function ConfirmButton({ label, title, text, act, children, ...rest }: ConfirmButtonProps) {
  const [isOpen, setOpen] = useState(false);
  const [isBusy, confirm] = useAct(async () => {
    await act();
    setOpen(false);
  });
  return (
    <>
      <Button
        size="xs"
        variant="default"
        {...rest}
        aria-label={label}
        onClick={() => setOpen(true)}
      >
        {children}
      </Button>
      <Dialog title={title} opened={isOpen} onClose={() => setOpen(false)}>
        {text}
        <Group justify="flex-end" mt="lg" gap="xs">
          <Button variant="default" onClick={() => setOpen(false)}>
            {shellText.cancel}
          </Button>
          <Button loading={isBusy} onClick={confirm}>
            {children}
          </Button>
        </Group>
      </Dialog>
    </>
  );
}
