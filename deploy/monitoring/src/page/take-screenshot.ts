import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findTool } from '@rollcall/testkit';
import { pageHeight } from './panels.ts';

const run = promisify(execFile);
const width = 1600;
/** Time for the page to ask all its questions and draw. */
const drawMs = 20_000;

/** Takes a picture (PNG) of a dashboard as the page draws it, with Chromium. */
export async function takeScreenshot(url: string, uid: string, seconds: number, file: string): Promise<void> {
  const chromium = await findTool('chromium');
  const profile = mkdtempSync(join(tmpdir(), 'rollcall-chromium-'));
  try {
    const page = `${url}?${new URLSearchParams({ dashboard: uid, seconds: String(seconds), still: '' })}`;
    // Not in a way that waits here: the page may be served by this very process.
    await run(
      chromium,
      [
        '--headless=new',
        // It draws our own page only; as root there is no sandbox.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--hide-scrollbars',
        `--user-data-dir=${profile}`,
        `--window-size=${width},${pageHeight(uid)}`,
        `--virtual-time-budget=${drawMs}`,
        `--screenshot=${file}`,
        page,
      ],
      { timeout: 120_000 },
    );
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
