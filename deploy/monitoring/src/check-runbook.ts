import { allAlerts } from './all-rules.ts';

/** What somebody woken at night needs, in this order. */
const parts = ['What it means', 'Check', 'Do', 'Escalate'] as const;

/** Says which alerts the runbook leaves alone, and which of its headings are about no alert. */
export function checkRunbook(markdown: string): string[] {
  const sections = new Map<string, string>();
  for (const section of markdown.split(/^### /m).slice(1)) {
    const end = section.indexOf('\n');
    sections.set(section.slice(0, end).trim(), section.slice(end));
  }
  const names = new Set(allAlerts.map(({ name }) => name));
  const problems = [...sections.keys()]
    .filter((heading) => !names.has(heading))
    .map((heading) => `the runbook has "${heading}", which is no alert`);
  for (const name of names) {
    const text = sections.get(name);
    if (text === undefined) {
      problems.push(`the runbook has no heading "### ${name}"`);
      continue;
    }
    const places = parts.map((part) => text.indexOf(`**${part}**`));
    if (places.some((place, index) => place < 0 || place < (places[index - 1] ?? 0)))
      problems.push(`the runbook says of ${name} not all of ${parts.join(', ')}, in this order`);
  }
  return problems;
}
