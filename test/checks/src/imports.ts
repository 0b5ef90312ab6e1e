/**
 * The direction of imports (.dependency-cruiser.cjs) and the rules about the text of a source file. A tool that looked
 * at nothing would be green for ever, so it must have seen as many modules as there are sources.
 */

import { runTool } from './run.ts';
import { sourceFiles } from './source-files.ts';
import { findTextViolations } from './text-rules.ts';

interface Cruise {
  summary: {
    totalCruised: number;
    error: number;
    violations: { from: string; to: string; rule: { name: string; severity: string } }[];
  };
}

const sources = sourceFiles();
const cruise = JSON.parse(
  runTool(
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    '--no-progress',
    '--output-type',
    'json',
    'libs',
    'services',
  ),
) as Cruise;
const problems = cruise.summary.violations.map((each) => `${each.from} -> ${each.to}: ${each.rule.name}`);
if (cruise.summary.totalCruised < sources.length) {
  problems.push(
    `dependency-cruiser looked at ${cruise.summary.totalCruised} modules; there are ${sources.length} sources`,
  );
}
problems.push(...findTextViolations(sources));
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`imports: ${cruise.summary.totalCruised} modules looked at, no rule broken`);
