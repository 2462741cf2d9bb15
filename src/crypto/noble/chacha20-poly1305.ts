/**
 * ChaCha20-Poly1305 in JavaScript (RFC 8439 §2.8).
 *
 * @module
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { AeadKey } from "../provider.ts";
import { aeadKey } from "./aead.ts";

export const chaCha20Poly1305Key = (key: Uint8Array): AeadKey => aeadKey(chacha20poly1305, key);
