"""
The gateway: the house's own HTTP server, and the proxy in front of the team's apps.

One parse for everything: a request's head is read once (``head``, ``target``), the decision is made on what was read,
and exactly that is sent on (``forwarding``).  What two parsers could read differently is refused.

``front``       a client's connection             ``upstream``    a connection to an app, kept alive
``exchange``    one request between the two       ``tunnel``      a websocket between the two
``asgi``        the house's own pages             ``replies``     pages and JSON that the gateway answers with
``backends``    the upstreams of an app           ``checks``      asks them how they are
``rewriting``   addresses in answers              ``place``       where an app listens
``returning``   what an app may say to browsers   ``cors``        which other origins may call it
``passing``     houses that lead to one another   ``crowding``    connections of one address
``assertion``   who it is, signed                 ``claimed``     what that says
``key_rotation``  the keys that sign
``bearer``      what a request brings             ``callers``     whose that is
``cookies``     the house's, and the app's        ``desk``        what proxy and forward-auth have in common
``access_token``  one of a provider, judged       ``subject``     whom it stands for here
``resource``    metadata and scopes of an API     ``refusal``     how a request ends that does not get through
``registry``    what is open, and what with       ``watch``       ends what may not stay
``question``    a request of the house's own

Sources: RFC 9112 (HTTP/1.1), RFC 9110 (semantics), RFC 3986 section 6 (paths), RFC 6455 (websockets).
"""
