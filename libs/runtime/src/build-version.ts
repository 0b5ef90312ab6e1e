import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What runs. */
export interface BuildVersion {
  /** The product's version, for example "0.1.0". */
  readonly version: string;
  /** The commit it was built from; "unknown" in a working tree. */
  readonly revision: string;
  /** Node's version, for example "v24.1.0". */
  readonly node: string;
}

/**
 * The version from the product's package.json, the revision from the file REVISION beside it, which the image build
 * writes. Neither is needed to run.
 */
export function readBuildVersion(): BuildVersion {
  const root = new URL('../../../', import.meta.url);
  return {
    version: versionOf(readOptional(new URL('package.json', root))),
    revision: readOptional(new URL('REVISION', root))?.trim() || 'unknown',
    node: process.version,
  };
}

function versionOf(manifest: string | undefined): string {
  if (manifest === undefined) return 'unknown';
  const parsed: unknown = JSON.parse(manifest);
  const named =
    typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof named === 'string' ? named : 'unknown';
}

function readOptional(url: URL): string | undefined {
  try {
    return readFileSync(fileURLToPath(url), 'utf8');
  } catch {
    return undefined;
  }
}
