import { startPeer } from "../test/servers/peers.ts";
import { startFixedWebsockify, startWebsockify } from "../test/servers/websockify.ts";
import { expect, test } from "./rig/fixtures.ts";

for (const subprotocol of [undefined, "binary"] as const) {
  const how = subprotocol === undefined ? "no subprotocol" : `the subprotocol ${subprotocol}`;

  test(`a websockify with a fixed target, and ${how}`, async ({ lab, root, identity, keep }) => {
    const server = await keep(startPeer("node", await identity()));
    const { url } = await keep(startFixedWebsockify(`127.0.0.1:${server.port}`));
    const answer = await lab.evaluate(
      async ([url, roots, subprotocol]) => {
        const { createTls, websockify } = window.rig.webtls;
        const options = subprotocol === undefined ? {} : { subprotocol };
        const bridge = websockify(url, { target: "fixed", ...options });
        const tls = createTls({ bridge, roots });
        const socket = tls.connect("localhost:443");
        const answer = await window.rig.ask(socket, "webtls");
        await tls.close();
        return answer;
      },
      [url, root.pem, subprotocol] as const,
    );
    expect(answer).toBe("sltbew");
  });

  test(`a websockify with a token of another name, and ${how}`, async ({
    lab,
    root,
    identity,
    keep,
  }) => {
    const server = await keep(startPeer("node", await identity()));
    const { url, allow } = await keep(startWebsockify());
    await allow("mail", `127.0.0.1:${server.port}`);
    const answer = await lab.evaluate(
      async ([url, roots, subprotocol]) => {
        const { createTls, websockify } = window.rig.webtls;
        const options = subprotocol === undefined ? {} : { subprotocol };
        const bridge = websockify(url, { token: "mail", ...options });
        const tls = createTls({ bridge, roots });
        const socket = tls.connect("localhost:993");
        const answer = await window.rig.ask(socket, "webtls");
        await tls.close();
        return answer;
      },
      [url, root.pem, subprotocol] as const,
    );
    expect(answer).toBe("sltbew");
  });
}

test("a token that the file does not hold is a bridge out of reach", async ({
  lab,
  root,
  keep,
}) => {
  const { url } = await keep(startWebsockify());
  const found = await lab.evaluate((trial) => window.rig.refusal(trial), {
    bridge: { kind: "websockify", url },
    address: "localhost:1",
    roots: root.pem,
  } as const);
  expect(found).toMatchObject({ code: "bridge/unreachable", phase: "bridge" });
  expect(found.message).toContain("token");
});
