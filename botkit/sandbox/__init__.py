"""A whole Messenger on 127.0.0.1, to try bots on: it speaks the protocol to clients and shows people a chat page.

`server.Server` runs it, `client` talks to its people's side, `locator` finds a running one, and `errors.SandboxError`
is what all three raise. Nothing is imported here, so that a tool pays only for what it uses.
"""
