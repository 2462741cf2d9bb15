import { describe, expect, test } from "vitest";
import { TlsError, withDetails } from "./errors.ts";

describe("TlsError", () => {
  const error = new TlsError("certificate/expired", "It has expired.", {
    phase: "handshake",
    alertSent: "certificate_expired",
    certificates: [Uint8Array.of(1, 2)],
    cause: new Error("beneath"),
  });

  test("is rebuilt as the same class after structured clone", () => {
    const rebuilt = TlsError.fromRecord(structuredClone(error.toRecord()));
    expect(rebuilt).toBeInstanceOf(TlsError);
    expect(rebuilt).toMatchObject({
      name: "TlsError",
      code: "certificate/expired",
      message: "It has expired.",
      phase: "handshake",
      alertSent: "certificate_expired",
      retrySafe: false,
    });
    expect(rebuilt.certificates).toEqual([Uint8Array.of(1, 2)]);
    expect(rebuilt.cause).toBe("Error: beneath");
  });

  test("keeps what it knows when more is said", () => {
    const more = withDetails(error, { phase: "data", alertReceived: "close_notify" });
    expect(more.phase).toBe("handshake");
    expect(more.alertReceived).toBe("close_notify");
    expect(more.cause).toBe(error.cause);
    expect(more.stack).toBe(error.stack);
  });

  test("has no fields that nobody set", () => {
    const plain = new TlsError("aborted", "Aborted.");
    expect(plain).not.toHaveProperty("phase");
    expect(plain).not.toHaveProperty("cause");
    expect(plain.toRecord()).toEqual({
      name: "TlsError",
      code: "aborted",
      message: "Aborted.",
      retrySafe: false,
    });
  });
});
