/**
 * Dovecot, as an IMAP server that demands STARTTLS. Its users are `reader`, password `secret`.
 *
 * @module
 */

import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { accountFor, give } from "./account.ts";
import {
  type RealServerLimits,
  startInFolder,
  startOnFreePort,
  writeIdentity,
  writeText,
} from "./folder.ts";
import type { ServerIdentity } from "./openssl.ts";
import { opensslGroup } from "./suites.ts";
import type { LocalServer } from "./tcp.ts";

/** Its lowest version can be set, its highest can't: TLS 1.2 is the client's to choose. */
export function startDovecot(
  identity: ServerIdentity,
  { version, group, clients }: RealServerLimits = {},
): Promise<LocalServer> {
  return startInFolder("dovecot", async (folder) => {
    const { certificates, key } = await writeIdentity(folder, identity);
    const inside = await accountFor("dovecot");
    const login = await accountFor("dovenull");
    const owner = await accountFor("nobody");
    const mail = join(folder, "mail");
    await mkdir(mail);
    await give(owner, mail);
    // Its processes run under several accounts, and all have to come in.
    await chmod(folder, 0o755);
    const more: string[] = [];
    if (group !== undefined) more.push(`ssl_curve_list = ${opensslGroup[group]}`);
    if (clients !== undefined) {
      const file = await writeText(folder, "clients.pem", clients);
      more.push(`ssl_ca = <${file}`, "ssl_require_crl = no", "ssl_verify_client_cert = yes");
      more.push("auth_ssl_require_client_cert = yes");
    }
    const configuration = (port: number) => `
      base_dir = ${folder}/run
      state_dir = ${folder}/state
      log_path = /dev/stderr
      default_internal_user = ${inside.name}
      default_internal_group = ${inside.groupName}
      default_login_user = ${login.name}
      listen = 127.0.0.1
      protocols = imap
      ssl = required
      ssl_cert = <${certificates}
      ssl_key = <${key}
      ssl_min_protocol = ${version ?? "TLSv1.2"}
      ${more.join("\n")}
      mail_location = maildir:${mail}
      mail_fsync = never
      passdb {
        driver = static
        args = password=secret
      }
      userdb {
        driver = static
        args = uid=${owner.user} gid=${owner.group} home=${mail}
      }
      service anvil {
        chroot =
      }
      service imap-login {
        chroot =
        inet_listener imap {
          port = ${port}
        }
        inet_listener imaps {
          port = 0
        }
      }
    `;
    return startOnFreePort(async (port) => {
      const file = join(folder, "dovecot.conf");
      await writeFile(file, configuration(port).replace(/^ +/gm, ""));
      return { command: "dovecot", args: ["-F", "-c", file], ready: /starting up for imap/ };
    });
  });
}
