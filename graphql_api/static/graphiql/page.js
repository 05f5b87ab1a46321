"use strict";
// Nothing that is typed here goes into the address or outlives the tab's own storage of queries: the Headers pane holds
// the token, and it is deliberately not kept.
(function () {
  const address = new URL(window.location.pathname, window.location.origin);
  const socket = new URL(address);
  socket.protocol = address.protocol === "https:" ? "wss:" : "ws:";

  const explorer = GraphiQLPluginExplorer.explorerPlugin();

  function tokenIn(headers) {
    try {
      const given = JSON.parse(headers || "{}").Authorization;
      return /^Bearer \S/i.test(given || "") ? given : null;
    } catch {
      return null; // half-typed JSON
    }
  }

  // A new fetcher makes GraphiQL read the schema again, so a change of token shows at once. For subscriptions GraphiQL
  // sends the Headers pane as the first message of the WebSocket.
  function fetcherFor(token) {
    if (!token) {
      return async () => ({ errors: [{ message: "Paste a token in the Headers pane: waymark token ..." }] });
    }
    return GraphiQL.createFetcher({ url: address.href, subscriptionUrl: socket.href });
  }

  function Page() {
    const [token, setToken] = React.useState(null);
    const fetcher = React.useMemo(() => fetcherFor(token), [token]);
    return React.createElement(GraphiQL, {
      fetcher: fetcher,
      plugins: [explorer],
      defaultQuery: document.getElementById("first-query").value,
      defaultHeaders: '{\n  "Authorization": "Bearer "\n}\n',
      onEditHeaders: (headers) => setToken(tokenIn(headers)),
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
      showPersistHeadersSettings: false,
      inputValueDeprecation: true,
    });
  }

  ReactDOM.createRoot(document.getElementById("graphiql")).render(React.createElement(Page));
})();
