import classes from './pill.module.css';

/** How a state stands: done, in need of somebody, wrong, moving, or none of these. */
export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'calm';

/** A state in a word. The colour says nothing that the word does not. */
export function Pill({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return (
    <span className={classes['pill']} data-tone={tone}>
      {children}
    </span>
  );
}
