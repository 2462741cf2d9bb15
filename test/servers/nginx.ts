/**
 * nginx, as a web server that keeps what is PUT.
 *
 * @module
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
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

/** Serves the text `webtls` and a newline as `/greeting`. */
export function startNginx(
  identity: ServerIdentity,
  { version, group, clients, earlyData }: RealServerLimits = {},
): Promise<LocalServer> {
  return startInFolder("nginx", async (folder) => {
    const { certificates, key } = await writeIdentity(folder, identity);
    await mkdir(join(folder, "www"));
    await writeFile(join(folder, "www/greeting"), "webtls\n");
    const more: string[] = [];
    if (group !== undefined) more.push(`ssl_ecdh_curve ${opensslGroup[group]};`);
    if (earlyData) more.push("ssl_early_data on;");
    if (clients !== undefined) {
      const file = await writeText(folder, "clients.pem", clients);
      more.push(`ssl_client_certificate ${file};`, "ssl_verify_client on;");
    }
    const configuration = (port: number) => `
      daemon off;
      # One process, with the rights of whoever runs the tests.
      master_process off;
      pid nginx.pid;
      error_log stderr notice;
      events {}
      http {
        access_log off;
        client_max_body_size 16m;
        client_body_temp_path body;
        proxy_temp_path proxy;
        fastcgi_temp_path fastcgi;
        uwsgi_temp_path uwsgi;
        scgi_temp_path scgi;
        server {
          listen 127.0.0.1:${port} ssl;
          ssl_certificate ${certificates};
          ssl_certificate_key ${key};
          ssl_protocols ${version ?? "TLSv1.2 TLSv1.3"};
          ssl_session_cache builtin;
          ${more.join(" ")}
          root www;
          dav_methods PUT;
        }
      }
    `;
    return startOnFreePort(async (port) => {
      const file = join(folder, "nginx.conf");
      await writeFile(file, configuration(port));
      const args = ["-p", folder, "-e", "stderr", "-c", file];
      return { command: "nginx", args, ready: /using the "\w+" event method/ };
    });
  });
}
