/**
 * Identities kept in IndexedDB: the key stays where WebCrypto has it, and a page that is loaded again
 * can use it, but not read it.
 *
 * @module
 */

import { checkOptionNames, invalidOption, TlsError } from "../errors.ts";
import { checkIdentityOption, isCryptoKey } from "../tls/identity/identity.ts";
import type { CryptoKeyIdentity } from "./attach.ts";
import { StoreDatabase, type TableName } from "./store-database.ts";

/** Options of {@link openIdentityStore}. */
export interface IdentityStoreOptions {
  /** The database, of this origin. Default: `"webtls-identities"`. */
  database?: string;
}

/** What is kept under names of the caller's. */
export interface StoredTable<Value> {
  /** Keeps it, in the place of another of that name; it is on the disk when this is done. */
  save(name: string, value: Value): Promise<void>;
  /** Undefined where there is none of that name. */
  load(name: string): Promise<Value | undefined>;
  /** All names, in alphabetical order. */
  list(): Promise<string[]>;
  /** Does nothing where there is none of that name. */
  delete(name: string): Promise<void>;
}

/**
 * An open store. Everything in it throws TlsError `identity/storage-failed`, and
 * `configuration/invalid-option` for what can't be kept: a key that scripts can read is not taken.
 */
export interface IdentityStore {
  /** Keys with their certificates, ready for the option `identity`. */
  readonly identities: StoredTable<CryptoKeyIdentity>;
  /** Key pairs whose certificate is still to come. */
  readonly keys: StoredTable<CryptoKeyPair>;
  /** Lets go of the database. */
  close(): void;
}

/**
 * Opens a store; all tabs of an origin share it. A browser short of space may delete it with all else
 * of the site, unless `navigator.storage.persist()` was granted.
 *
 * @throws TlsError `configuration/unsupported-platform` where there is no IndexedDB (Node),
 * `identity/storage-failed` where it can't be opened (private browsing, a full disk).
 */
export async function openIdentityStore(
  options: IdentityStoreOptions = {},
): Promise<IdentityStore> {
  checkOptionNames(options, ["database"], "openIdentityStore()");
  const { database: name = "webtls-identities" } = options;
  if (typeof name !== "string" || name === "") throw invalidOption("database", "a name");
  const database = new StoreDatabase(name);
  await database.open();
  return {
    identities: new Table(database, "identities", readIdentity),
    keys: new Table(database, "keys", readKeys),
    close: () => database.close(),
  };
}

/** Reads what is to be kept, or was; undefined where it is not of that kind. */
type Read<Value> = (value: unknown) => Value | undefined;

class Table<Value> implements StoredTable<Value> {
  readonly #database: StoreDatabase;
  readonly #table: TableName;
  readonly #read: Read<Value>;

  constructor(database: StoreDatabase, table: TableName, read: Read<Value>) {
    this.#database = database;
    this.#table = table;
    this.#read = read;
  }

  async save(name: string, value: Value): Promise<void> {
    checkName(name);
    const kept = this.#read(value);
    if (kept === undefined) {
      throw invalidOption(
        this.#table,
        `what can be kept: ${this.#table === "keys" ? "a key pair" : "certificates and a key"} of WebCrypto's, not extractable`,
      );
    }
    await this.#database.run(this.#table, "readwrite", (store) => store.put(kept, name));
  }

  async load(name: string): Promise<Value | undefined> {
    checkName(name);
    const row = await this.#database.run(this.#table, "readonly", (store) => store.get(name));
    if (row === undefined) return undefined;
    const value = this.#read(row);
    if (value !== undefined) return value;
    throw new TlsError(
      "identity/storage-failed",
      `What is stored as "${name}" is not what webtls has stored: something else writes to the same database. Delete it, or use a database of another name.`,
    );
  }

  async list(): Promise<string[]> {
    const names = await this.#database.run(this.#table, "readonly", (store) => store.getAllKeys());
    return names.filter((name) => typeof name === "string");
  }

  async delete(name: string): Promise<void> {
    checkName(name);
    await this.#database.run(this.#table, "readwrite", (store) => store.delete(name));
  }
}

function checkName(name: string): void {
  if (typeof name !== "string" || name === "") throw invalidOption("name", "text");
}

function readIdentity(value: unknown): CryptoKeyIdentity | undefined {
  try {
    const identity = value as CryptoKeyIdentity;
    checkIdentityOption(identity);
    const { certificates, key } = identity;
    return Array.isArray(certificates) && isKept(key, "private") ? { ...identity } : undefined;
  } catch {
    return undefined;
  }
}

function readKeys(value: unknown): CryptoKeyPair | undefined {
  const { privateKey, publicKey } = Object(value) as Partial<CryptoKeyPair>;
  if (!isKept(privateKey, "private") || !publicKey || !isCryptoKey(publicKey)) return undefined;
  return { privateKey, publicKey };
}

function isKept(key: CryptoKey | undefined, type: KeyType): key is CryptoKey {
  return key !== undefined && isCryptoKey(key) && key.type === type && !key.extractable;
}
