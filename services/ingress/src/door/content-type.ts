const ESSENCE = /^[a-z0-9!#$&^_.+-]{1,60}\/[a-z0-9!#$&^_.+-]{1,60}$/;

/**
 * The media type of a Content-Type value, lower case; undefined when it is malformed or names a character set
 * other than UTF-8.
 */
export function mediaType(value: string): string | undefined {
  const [essence = '', ...parameters] = value
    .toLowerCase()
    .split(';')
    .map((piece) => piece.trim());
  if (!ESSENCE.test(essence)) return undefined;
  const charset = parameters.find((parameter) => parameter.startsWith('charset='));
  const name = charset?.slice('charset='.length).replaceAll('"', '');
  return name === undefined || name === 'utf-8' ? essence : undefined;
}
