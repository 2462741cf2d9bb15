/**
 * Options of TLS on their way to the worker, which knows and checks them. What can't cross are the
 * caller's functions: they stay here, and the worker is given references by which it calls them.
 *
 * @module
 */

import { defined, invalidOption } from "../errors.ts";
import { type FunctionReference, functionKey, type UncheckedOptions } from "../worker/protocol.ts";

/** What a reference stands for: a function, or an object of the caller's with methods. */
type Callee = object & Record<string, unknown>;

/**
 * Objects that callers make, known by their first member, with what of them is wanted: external
 * signers and session stores. They may be of any class, and the rest of them is their own.
 */
const objectsWithMethods: readonly (readonly [string, string])[] = [
  ["sign", "schemes"],
  ["take", "put"],
];

/** A function has one number for good, by which the worker knows it again. */
const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/** The caller's functions of one connection. */
export class CallerFunctions {
  readonly #callees = new Map<number, Callee>();

  /**
   * Options as they are passed on: those that are given.
   *
   * @throws TlsError `configuration/invalid-option` for one that doesn't survive structured clone.
   */
  passedOn(options: object): UncheckedOptions {
    const given = Object.entries(defined(options));
    return Object.fromEntries(given.map(([name, value]) => [name, this.#cloned(name, value)]));
  }

  /** Calls what a reference stands for. */
  async call(reference: string, args: readonly unknown[]): Promise<unknown> {
    const [number, method] = reference.split(".");
    const callee = this.#callees.get(Number(number));
    const called = method ? callee?.[method] : callee;
    // The result may hold functions itself: an identity with its signer.
    return this.passed(await Reflect.apply(called as never, callee, args));
  }

  // A copy, since the caller may change its own later.
  #cloned(name: string, value: unknown): unknown {
    try {
      return structuredClone(this.passed(value));
    } catch {
      throw invalidOption(name, "a plain value: this one can't be given to the worker");
    }
  }

  /** A value as it crosses. Lists and objects are taken apart: a `Proxy` of one can't be cloned. */
  passed(value: unknown): unknown {
    if (typeof value === "function") return this.#reference(value as never, "");
    if (Array.isArray(value)) return value.map((entry) => this.passed(entry));
    const object = Object(value) as Callee;
    const wanted = objectsWithMethods.find(([first]) => typeof object[first] === "function");
    if (!wanted && Object.prototype.toString.call(value) !== "[object Object]") return value;
    const members = (wanted ?? Object.keys(object)).map((name) => {
      const member = object[name];
      const isMethod = typeof member === "function";
      return [name, isMethod ? this.#reference(object, name) : this.passed(member)];
    });
    return Object.fromEntries(members);
  }

  #reference(callee: Callee, method: string): FunctionReference {
    const number = numbers.get(callee) ?? ++lastNumber;
    numbers.set(callee, number);
    this.#callees.set(number, callee);
    return { [functionKey]: `${number}.${method}` };
  }
}
