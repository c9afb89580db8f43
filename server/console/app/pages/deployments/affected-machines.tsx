import type { CollectionView } from '../../../../http/api.ts';
import type { MembersPage } from '../../../../http/api-collections.ts';
import { useAnswer } from '../../api/queries.ts';
import { Answer } from '../../parts/answer.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Quiet } from '../../parts/rows.tsx';
import { deploymentsText } from '../../text/deployments.ts';

const text = deploymentsText.form;
const MOST_NAMES = 200;

/** Exactly which machines a deployment is for, by name. */
export function AffectedMachines({
  of,
  purpose,
}: {
  readonly of: CollectionView;
  readonly purpose: 'available' | 'required';
}) {
  const members = useAnswer<MembersPage>(`/collections/${of.id}/members?limit=${MOST_NAMES}`);
  return (
    <Notice tone={purpose === 'required' ? 'warn' : 'busy'}>
      <strong>{text.members}</strong>
      <Answer of={members}>
        {(page) => {
          const others = of.memberCount - page.members.length;
          return (
            <p>
              {text.membersText[purpose](of.memberCount)}{' '}
              {page.members
                .map(({ name }) => name)
                .toSorted()
                .join(', ')}{' '}
              {others > 0 && text.andMore(others)}
            </p>
          );
        }}
      </Answer>
      <Quiet>{text.later}</Quiet>
    </Notice>
  );
}
