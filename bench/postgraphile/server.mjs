// PostGraphile 5 over Kafo's tables, as one would run it in production: one process, no watching, no explaining.
import { createServer } from "node:http";
import { PgSimplifyInflectionPreset } from "@graphile/simplify-inflection";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PostGraphileConnectionFilterPreset } from "postgraphile-plugin-connection-filter";

const preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PostGraphileConnectionFilterPreset],
  // lists may be ordered and filtered by every column, as Kafo's are by theirs
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["public"],
      // as many connections as Kafo opens
      poolConfig: { max: 8 },
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: { explain: false },
};
const graphile = postgraphile(preset);

if (process.argv.includes("--schema")) {
  const { printSchema } = await import("graphql");
  console.log(printSchema(await graphile.getSchema()));
  process.exit(0);
}

const server = createServer();
server.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
await graphile.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
