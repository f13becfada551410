// The profile of the schema: graphql-eslint's recommendations and Relay's rules, and a few that say how Kafo names things.
// Left out: `alphabetize` (the schema is exported sorted), `require-type-pattern-with-oneof`, `require-deprecation-date` (an
// argument that the specification does not know), `no-root-type`.
import graphql from '@graphql-eslint/eslint-plugin';

const parserOptions = { graphQLConfig: { schema: 'generated/schema.graphql', documents: ['operations/*.graphql'] } };
const base = { languageOptions: { parser: graphql.parser, parserOptions }, plugins: { '@graphql-eslint': graphql } };
// Values: parts of what has an id, lines of reference lists by their codes, and sums.
const values = [
  'ActionCounts', 'ActionSummary', 'ActionSummaryRow', 'Addressee', 'ApiTokenLimit', 'AssignmentResponse',
  'ContactPoint', 'Country', 'EnumLabel', 'ExternalReference', 'FollowUpUpdate', 'GroupAlias',
  'InvitedAgendaItem', 'JointGroup', 'MembershipHandover', 'MembershipSyncChange', 'MembershipSyncRow',
  'MinutesContributor', 'OpenidIssuer', 'OrganisationAlias', 'OrganisationIdentifier', 'OrganisationKind',
  'Presenter', 'Sector', 'ServiceSeat', 'Viewer', 'ViewerSeat',
];
const kafo = {
  'input-name': ['error', { checkInputType: true, caseSensitiveInputType: false, checkQueries: false, checkMutations: true }],
  'no-scalar-result-type-on-mutation': 'error',
  'relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false }],
  'require-description': ['error', { types: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true, DirectiveDefinition: true }],
  'require-nullable-fields-with-oneof': 'error',
  'require-nullable-result-in-root': 'error',
  'strict-id-in-types': ['error', { acceptedIdNames: ['id'], acceptedIdTypes: ['ID'], exceptions: { suffixes: ['Connection', 'Edge', 'Payload', 'Error'], types: ['PageInfo', 'UserError', ...values] } }],
};

export default [
  {
    ...base,
    files: ['**/schema.graphql'],
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      ...Object.fromEntries(Object.entries(kafo).map(([name, rule]) => [`@graphql-eslint/${name}`, rule])),
    },
  },
  { ...base, files: ['operations/*.graphql'], rules: graphql.configs['flat/operations-recommended'].rules },
];
