import type { RowVerdict } from './report.ts';
import { areaTitles } from './rows.ts';

const preamble = `# Protocol support

Written by \`npm run conformance\`; not by hand. Each line is one thing that an RFC asks of a registrar, a redirect
server or their edge. **yes**: tested over real sockets (\`test/conformance\`), or by the named test. **partly**: what is
missing is said. **no**: not there yet. **n/a**: does not concern this product, for the reason given.
`;

/** The page, from the results of a whole run. */
export function formatProtocolSupport(verdicts: readonly RowVerdict[]): string {
  const parts = [preamble];
  for (const area of new Set(verdicts.map(({ row }) => row.area))) {
    parts.push(`## ${area}. ${areaTitles[area] ?? ''}\n`);
    parts.push('| row | RFC | what | supported | tested by |\n|---|---|---|---|---|');
    for (const verdict of verdicts) {
      if (verdict.row.area === area) parts.push(formatLine(verdict));
    }
    parts.push('');
  }
  return parts.join('\n');
}

function formatLine(verdict: RowVerdict): string {
  const { row, cases, files, reasons } = verdict;
  const how = [
    ...(cases > 0 ? [`conformance, ${cases} ${cases === 1 ? 'case' : 'cases'}`] : []),
    ...files.map((file) => `\`${file}\``),
  ];
  const supported = supportOf(verdict) + (reasons.length > 0 ? `: ${reasons.join('; ')}` : '');
  return `| ${[row.id, row.rfc, row.requirement, supported, how.join('<br>') || '–'].map(escapeCell).join(' | ')} |`;
}

function supportOf({ state, cases, files }: RowVerdict): string {
  switch (state) {
    case 'passed':
    case 'unit':
      return 'yes';
    case 'not-applicable':
      return 'n/a';
    case 'not-yet':
      return cases + files.length > 0 ? 'partly' : 'no';
    case 'failed':
    case 'untested':
      return 'no';
  }
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
