// Compiled by tsc, never run: what a typed client may and may not write. A line that should not compile and does is an error.
import type { TypedDocumentString } from '../generated/typed/graphql.js';
import { GroupByDocument, GroupRenameDocument, OpenActionsDocument, OutcomesDocument } from '../generated/typed/graphql.js';

declare function ask<Result, Variables>(document: TypedDocumentString<Result, Variables>, variables: Variables): Promise<Result>;

export async function dashboard(): Promise<string[]> {
  const { openActions } = await ask(OpenActionsDocument, { first: 50, filter: { isOverdue: true, dueOn: { lte: '2019-12-31' } } });
  return (openActions?.nodes ?? []).map(({ text, group, dueOn }) => `${text} ${group?.name ?? ''} ${dueOn ?? ''}`);
}

export async function rename(id: string): Promise<number | string> {
  const { groupUpdate } = await ask(GroupRenameDocument, { input: { id, expectedVersion: 1, name: 'Groupe Exemple' } });
  for (const error of groupUpdate?.userErrors ?? []) if (error.__typename === 'ConflictError') return error.currentVersion;
  return groupUpdate?.group?.name ?? 'hidden';
}

export async function mistakes(): Promise<void> {
  // @ts-expect-error: exactly one key
  await ask(GroupByDocument, { by: { slug: 'a', id: 'b' } });
  // @ts-expect-error: at least one key
  await ask(GroupByDocument, { by: {} });
  // @ts-expect-error: `first` is required
  await ask(OpenActionsDocument, {});
  // @ts-expect-error: no such status
  await ask(OpenActionsDocument, { first: 1, filter: { status: ['FORGOTTEN'] } });
  const { openActions, group } = { ...(await ask(OpenActionsDocument, { first: 1 })), ...(await ask(GroupByDocument, { by: { slug: 'a' } })) };
  // @ts-expect-error: a group can be hidden
  openActions?.nodes[0]?.group.name.trim();
  // @ts-expect-error: so can the one that was asked for
  group.name.trim();
  const { meetings } = await ask(OutcomesDocument, { first: 1 });
  // @ts-expect-error: an action has no due day if nobody set one; it was not selected either
  meetings?.nodes[0]?.agendaItems[0]?.followUps[0]?.dueOn;
}
