import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema.graphql',
  documents: ['operations/*.graphql'],
  generates: {
    './generated/typed/': {
      preset: 'client',
      presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' }, fragmentMasking: false },
      config: { documentMode: 'string', scalars: { Date: 'string', DateTime: 'string' }, strictScalars: true, useTypeImports: true, enumsAsTypes: true },
    },
  },
};
export default config;
