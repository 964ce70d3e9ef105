import { packageText } from './package-file.ts';

/** The version in package.json. */
export function version(): string {
  return (JSON.parse(packageText('package.json')) as { version: string }).version;
}
