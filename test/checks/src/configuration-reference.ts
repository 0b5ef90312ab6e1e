import { renderVariables, type VariableTable } from '@rollcall/runtime';
import { serviceVariables, standaloneVariables } from '@rollcall/standalone';

const intro = `# Configuration

Generated from the code by \`npm run docs\`.

Environment variables, read once at start, validated together: a program that cannot use its configuration says
everything that is wrong, with the variable's name, its value and what is allowed, and exits with code 78. A variable that takes a
secret is never shown, and \`NAME_FILE\` may name a file that holds it. \`npx rollcall config <service>\` shows what a program would
read from the environment that it is run in.
`;

/** docs/configuration.md, from the tables that the programs read. What every service has stands there once. */
export function renderConfiguration(): string {
  const tables: readonly (readonly [string, VariableTable])[] = Object.entries(serviceVariables);
  const everywhere = (variable: Variable) => tables.every(([, table]) => variable.name in byName(table));
  const sections = [
    intro,
    `## Every service\n\n${renderVariables(pick(serviceVariables.edge, everywhere))}`,
    ...tables.map(
      ([name, table]) => `## ${name}\n\n${renderVariables(pick(table, (variable) => !everywhere(variable)))}`,
    ),
    `## standalone\n\nAll of the above but gRPC targets and listeners other than \`LOCATION_GRPC_LISTEN\`. Its defaults differ here:\n\n${renderVariables(
      differences(tables.map(([, table]) => table)),
    )}`,
  ];
  return sections.join('\n');
}

/** The variables of standalone whose default is another one than that of every service that has them. */
function differences(tables: readonly VariableTable[]): VariableTable {
  const ofServices = tables.flatMap((table) => Object.values(table));
  const own = Object.values(standaloneVariables).map((table: VariableTable) => byName(table));
  return pick(
    Object.assign({}, ...own),
    (variable) =>
      !ofServices.some(
        (other) =>
          other.name === variable.name &&
          other.default === variable.default &&
          other.defaultMeaning === variable.defaultMeaning,
      ),
  );
}

type Variable = VariableTable[string];

function pick(table: VariableTable, wanted: (variable: Variable) => boolean): VariableTable {
  return Object.fromEntries(Object.entries(table).filter(([, variable]) => wanted(variable)));
}

function byName(table: VariableTable): VariableTable {
  return Object.fromEntries(Object.values(table).map((variable) => [variable.name, variable]));
}
