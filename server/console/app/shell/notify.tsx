import { CloseButton } from '@mantine/core';
import { describeError } from '../api/call.ts';
import { endIfOver } from '../api/session.ts';
import { createStore, useStore } from '../api/store.ts';
import { shellText } from '../text/shell.ts';
import classes from './notify.module.css';

const SHOWN_MS = 12_000;
const announced = createStore('');
const failure = createStore('');
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says to screen readers what has happened; those who see find it on the page. */
export function announce(text: string): void {
  announced.set(text);
}

/** Shows for a while what was refused. An answer that says that the session is over shows the sign-in page. */
export function fail(error: unknown): void {
  if (endIfOver(error)) return;
  failure.set(describeError(error));
  clearTimeout(timer);
  timer = setTimeout(() => failure.set(''), SHOWN_MS);
}

/** Where `announce` and `fail` are told. */
export function Notices() {
  const text = useStore(failure);
  return (
    <>
      <div className="visually-hidden" aria-live="polite">
        {useStore(announced)}
      </div>
      <div role="alert" className={classes['place']}>
        {text !== '' && (
          <div className={classes['toast']}>
            <span>{text}</span>
            <CloseButton aria-label={shellText.close} onClick={() => failure.set('')} />
          </div>
        )}
      </div>
    </>
  );
}
