import { type FormEvent, useState } from 'react';
import { fail } from '../shell/notify.tsx';

/** Whether something is being done, and what begins it. What is refused is shown. */
export function useAct(act: () => Promise<unknown>): readonly [isBusy: boolean, begin: () => void] {
  const [isBusy, setBusy] = useState(false);
  const begin = () => {
    setBusy(true);
    act()
      .catch(fail)
      .finally(() => setBusy(false));
  };
  return [isBusy, begin];
}

/** The same for a form that is sent. */
export function useSubmit(
  act: () => Promise<unknown>,
): readonly [isSending: boolean, onSubmit: (event: FormEvent) => void] {
  const [isSending, begin] = useAct(act);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    begin();
  };
  return [isSending, onSubmit];
}
