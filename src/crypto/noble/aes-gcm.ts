/**
 * AES-GCM in JavaScript. It uses tables, and so promises no constant time: it serves only where
 * there is no WebCrypto at all, and ChaCha20 is offered before it there.
 *
 * @module
 */

import { gcm } from "@noble/ciphers/aes.js";
import type { AeadKey } from "../provider.ts";
import { aeadKey } from "./aead.ts";

export const aesGcmKey = (key: Uint8Array): AeadKey => aeadKey(gcm, key);
