/** An address that a program was told to listen on cannot be had. */
export class ListenError extends Error {
  /** The variable that names the address. */
  readonly variable: string;
  /** The address, as "host:port". */
  readonly address: string;

  constructor(variable: string, address: string, cause: unknown) {
    super(`cannot listen on ${address} (${variable}): ${reasonOf(cause)}`, { cause });
    this.name = 'ListenError';
    this.variable = variable;
    this.address = address;
  }
}

/**
 * Waits for a server to listen, and says which variable is to be changed where it cannot.
 *
 * @throws ListenError
 */
export async function listening<T>(variable: string, address: string, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    throw new ListenError(variable, address, error);
  }
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  if (text.includes('EADDRINUSE'))
    return 'it is taken, by another program or another variable of this one; `ss -lntup` shows by whom (EADDRINUSE)';
  if (text.includes('EACCES')) return 'not allowed; ports below 1024 need a privilege (EACCES)';
  if (text.includes('EADDRNOTAVAIL')) return 'this machine does not have that address (EADDRNOTAVAIL)';
  return text;
}
