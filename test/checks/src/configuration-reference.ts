import { renderVariables, type VariableTable } from '@rollcall/runtime';
import { serviceVariables, standaloneVariables } from '@rollcall/standalone';

const intro = `# Configuration

Generated from the code by \`npm run docs\`.

Environment variables, read once at start, validated together: a program that cannot use its configuration says
everything that is wrong, with the variable's name, its value and what is allowed, and exits with code 78. A variable that takes a
secret is never shown, and \`NAME_FILE\` may name a file that holds it. \`npx rollcall config <service>\` shows what a program would
read from the environment that it is run in.
`;

/** docs/configuration.md, from the tables that the programs read. */
export function renderConfiguration(): string {
  const shared = new Set(['HTTP_LISTEN', 'LOG_LEVEL', 'LOG_FORMAT', 'LOG_AOR']);
  const own = (table: VariableTable) =>
    Object.fromEntries(Object.entries(table).filter(([, { name }]) => !shared.has(name)));
  const common = Object.fromEntries(
    Object.entries(serviceVariables.edge as VariableTable).filter(([, { name }]) => shared.has(name)),
  );
  const sections = [
    intro,
    `## Every service\n\n${renderVariables(common)}`,
    ...Object.entries(serviceVariables).map(
      ([name, table]) => `## ${name}\n\n${renderVariables(own(table))}`,
    ),
    `## standalone\n\nAll of the above but gRPC targets and listeners other than \`LOCATION_GRPC_LISTEN\`, with these defaults:\n\n${renderVariables(
      { ...standaloneVariables.process, subscribers: standaloneVariables.auth.subscribers },
    )}`,
  ];
  return sections.join('\n');
}
