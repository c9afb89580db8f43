import { PageTitle } from '../../parts/page-title.tsx';
import { networkText } from '../../text/network.ts';
import { Decisions } from './decisions.tsx';
import { NetbootState } from './netboot-state.tsx';

/** Network boot: its state in full, and what was asked and answered. */
export function NetworkPage() {
  return (
    <>
      <PageTitle title={networkText.title} />
      <NetbootState detailsOpen />
      <Decisions />
    </>
  );
}
