"""A call to everybody: `!announce TEXT` says it, and `!seen` tells how many have read it."""

from botkit import ChatContext, ReadReceipt, Rest, command, hookimpl


@command("announce")
def announce(ctx: ChatContext, text: Rest) -> str:
    """Tell everybody something: !announce We meet at nine."""
    ctx.store.thread["seen_by"] = []
    return f"📣 {text}"


@hookimpl
def on_read_receipt(ctx: ChatContext, receipt: ReadReceipt) -> None:
    seen_by = ctx.store.thread.get("seen_by")
    if seen_by is not None and receipt.reader_id not in seen_by:
        seen_by.append(receipt.reader_id)


@command("seen")
def seen(ctx: ChatContext) -> str:
    """How many have read the last announcement? !seen"""
    return f"{len(ctx.store.thread.get('seen_by', []))} have read it."
