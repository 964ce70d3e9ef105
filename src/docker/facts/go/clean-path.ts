/**
 * Go's path.Clean of an absolute path: one slash between parts, `.` and `..` resolved without looking at a disk.
 *
 * @returns null when the path is not absolute
 */
export function cleanPath(path: string): string | null {
  if (!path.startsWith('/')) return null;
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}
