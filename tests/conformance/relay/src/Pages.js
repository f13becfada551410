// Every way in which Relay pages and refetches; compiled and then run live by ../../relay.mjs.
import { graphql } from 'relay-runtime';

graphql`query PagesQuery($count: Int = 2) {
  ...Pages_forward @arguments(count: $count)
  ...Pages_backward @arguments(count: $count)
}`;

graphql`fragment Pages_forward on Query
@refetchable(queryName: "PagesForwardQuery")
@argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
  organisations(first: $count, after: $cursor, orderBy: [{ field: NAME }]) @connection(key: "Pages_forward_organisations", filters: []) {
    edges { node { id name } }
  }
}`;

graphql`fragment Pages_backward on Query
@refetchable(queryName: "PagesBackwardQuery")
@argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" }) {
  ends: organisations(last: $count, before: $cursor, orderBy: [{ field: NAME }]) @connection(key: "Pages_backward_ends", filters: []) {
    edges { node { id name } }
  }
}`;

graphql`fragment Pages_both on Organisation
@refetchable(queryName: "PagesBothQuery")
@argumentDefinitions(first: { type: "Int" }, after: { type: "String" }, last: { type: "Int" }, before: { type: "String" }) {
  memberships(first: $first, after: $after, last: $last, before: $before) @connection(key: "Pages_both_memberships") {
    edges { node { id role } }
  }
}`;

graphql`fragment Pages_group on Group
@refetchable(queryName: "PagesGroupRefetchQuery")
@argumentDefinitions(count: { type: "Int", defaultValue: 1 }, cursor: { type: "String" }) {
  name
  version
  meetings(first: $count, after: $cursor) @connection(key: "Pages_group_meetings") { edges { node { id title heldOn } } }
}`;

graphql`query PagesNodesQuery($ids: [ID!]!) { nodes(ids: $ids) { __typename id ...Pages_group @alias(as: "group") ...Pages_both @alias(as: "organisation") } }`;

graphql`mutation PagesAddMutation($input: OrganisationCreateInput!, $connections: [ID!]!) {
  organisationCreate(input: $input) {
    organisation @appendNode(connections: $connections, edgeTypeName: "OrganisationEdge") { id name }
    userErrors { code message field }
  }
}`;

graphql`query PagesOutcomesQuery {
  meetings(first: 3) @connection(key: "Pages_meetings") {
    edges { node { id title agendaItems { position title followUps { text status group @required(action: LOG) { name } } } } }
  }
}`;
