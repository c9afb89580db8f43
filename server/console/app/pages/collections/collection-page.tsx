import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { DeploymentView } from '../../../../http/api.ts';
import type { CollectionDetail, MembersPage, RuleView } from '../../../../http/api-collections.ts';
import { call } from '../../api/call.ts';
import { useAnswer, useRefresh } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { ActButton } from '../../parts/act-button.tsx';
import { Answer } from '../../parts/answer.tsx';
import { ConfirmButton } from '../../parts/confirm-button.tsx';
import { LinkButton } from '../../parts/link-button.tsx';
import { Notice } from '../../parts/notice.tsx';
import classes from '../../parts/page.module.css';
import { PageTitle } from '../../parts/page-title.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Lines, Mono, Name, Quiet, Row, RowActions, Rows, Wrong } from '../../parts/rows.tsx';
import { announce } from '../../shell/notify.tsx';
import type { PageProps } from '../../shell/pages.tsx';
import { Link, navigate } from '../../shell/router.tsx';
import { collectionsText as text } from '../../text/collections.ts';
import { deploymentsText } from '../../text/deployments.ts';

const EVERY_MS = 5000;

/** One collection: who is a member and why, and what is deployed to it. */
export function CollectionPage({ params: { id = '' } }: PageProps) {
  const may = useMay();
  const collection = useAnswer<CollectionDetail>(`/collections/${id}`, { everyMs: EVERY_MS });
  return (
    <Answer of={collection}>
      {(one) => (
        <>
          <PageTitle title={one.name}>
            <div className={classes['actions']}>
              {may('POST /deployments') && (
                <LinkButton href={`/deployments/new?to=${encodeURIComponent(one.name)}`}>
                  {text.deploy}
                </LinkButton>
              )}
              {!one.builtIn && may('DELETE /collections/:id') && (
                <ConfirmButton
                  size="sm"
                  title={text.deleteTitle(one.name)}
                  text={<p>{text.deleteText(one.memberCount)}</p>}
                  act={async () => {
                    await call('DELETE', `/collections/${id}`);
                    announce(text.deleted(one.name));
                    navigate('/collections');
                  }}
                >
                  {text.delete}
                </ConfirmButton>
              )}
              <Link href="/collections">{text.back}</Link>
            </div>
          </PageTitle>
          {one.problem !== null && <Notice tone="bad">{one.problem}</Notice>}
          <Members collection={one} />
          {!one.builtIn && <RulesPanel collection={one} />}
          <Deployments id={id} />
        </>
      )}
    </Answer>
  );
}

function Members({ collection }: { readonly collection: CollectionDetail }) {
  const may = useMay();
  const refresh = useRefresh();
  const path = `/collections/${collection.id}/members`;
  const members = useInfiniteQuery({
    queryKey: [path, collection.memberCount, collection.evaluatedMs],
    initialPageParam: '',
    queryFn: ({ pageParam }) =>
      call<MembersPage>('GET', `${path}?limit=100&after=${encodeURIComponent(pageParam)}`),
    getNextPageParam: ({ next }) => next,
    placeholderData: (before) => before,
  });
  return (
    <Panel title={text.members} count={collection.memberCount}>
      <Answer of={members}>
        {({ pages }) => {
          const shown = pages.flatMap((page) => page.members);
          if (shown.length === 0) return <Quiet>{text.noMembers}</Quiet>;
          return (
            <>
              <Rows label={text.members}>
                {shown.map((member) => (
                  <Row key={member.id}>
                    <Lines>
                      <Link href={`/devices/${member.id}`}>{member.name}</Link>
                      {member.direct && <Quiet>{text.direct}</Quiet>}
                    </Lines>
                    {member.direct && may('POST /collections/:id/members') && (
                      <RowActions>
                        <ActButton
                          label={text.removeOf(member.name)}
                          act={async () => {
                            await call('POST', path, { remove: [member.id] });
                            announce(text.removed(member.name));
                            await refresh('/collections');
                          }}
                        >
                          {text.remove}
                        </ActButton>
                      </RowActions>
                    )}
                  </Row>
                ))}
              </Rows>
              <div className={classes['more']}>
                <Quiet>{text.membersShown(shown.length, collection.memberCount)}</Quiet>
                {members.hasNextPage && (
                  <Button variant="default" size="xs" onClick={() => void members.fetchNextPage()}>
                    {text.more}
                  </Button>
                )}
              </div>
            </>
          );
        }}
      </Answer>
    </Panel>
  );
}

function RulesPanel({
  collection: { rules, directRules },
}: {
  readonly collection: CollectionDetail;
}) {
  return (
    <Panel title={text.rules} summary={directRules > 0 ? text.directRules(directRules) : ''}>
      {rules.length === 0 && <Quiet>{text.noRules}</Quiet>}
      <Rows label={text.rules}>
        {rules.map((rule: RuleView) => (
          <Row key={`${rule.kind} ${rule.name}`}>
            <Lines>
              <Name>
                {text.kinds[rule.kind]} {rule.name}
              </Name>
              {rule.query !== null && rule.query !== rule.name && <Mono>{rule.query}</Mono>}
              {rule.problem !== null && <Wrong>{rule.problem}</Wrong>}
            </Lines>
          </Row>
        ))}
      </Rows>
    </Panel>
  );
}

function Deployments({ id }: { readonly id: string }) {
  const deployments = useAnswer<DeploymentView[]>('/deployments');
  return (
    <Panel title={text.deployments}>
      <Answer of={deployments}>
        {(all) => {
          const here = all.filter((one) => one.collection.id === id && !one.withdrawn);
          if (here.length === 0) return <Quiet>{text.noDeployments}</Quiet>;
          return (
            <Rows label={text.deployments}>
              {here.map((one) => (
                <Row key={one.id}>
                  <Lines>
                    <Link href={`/deployments/${one.id}`}>{one.sequence.name}</Link>
                    <Quiet>{deploymentsText.purposes[one.purpose]}</Quiet>
                  </Lines>
                </Row>
              ))}
            </Rows>
          );
        }}
      </Answer>
    </Panel>
  );
}
