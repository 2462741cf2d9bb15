import { TlsError, type TlsErrorCode } from "../src/errors.ts";

/** The error that a call ends in. Where it ends in none, or in one of another class, that is thrown. */
export async function failureOf(call: () => unknown): Promise<TlsError> {
  try {
    await call();
  } catch (error) {
    if (error instanceof TlsError) return error;
    throw error;
  }
  throw new Error("a TlsError was expected, but the call succeeded");
}

/** The code of the TlsError that a plain call throws; undefined where it throws none. */
export function codeThrown(call: () => unknown): TlsErrorCode | undefined {
  try {
    call();
  } catch (error) {
    if (error instanceof TlsError) return error.code;
    throw error;
  }
  return undefined;
}
